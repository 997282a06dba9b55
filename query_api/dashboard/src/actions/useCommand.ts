/** Sending a command: busy until the read models have what it did. */

import { useCallback, useRef, useState } from "react";
import { get, Problem, send } from "../api/client.ts";

interface Answer {
  position: number;
  linked?: { position: number } | null;
}

export interface Commanding {
  busy: boolean;
  problem: Problem | undefined;
  /** The answer, once lists and pages show it; undefined where it was refused. */
  run: <T extends Answer>(path: string, body: unknown, options?: { ifMatch?: number }) => Promise<T | undefined>;
}

/**
 * One button's command. The same body sent again after a lost answer is carried out once:
 * its key stays until an answer came.
 */
export function useCommand(): Commanding {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const kept = useRef<{ sent: string; key: string } | null>(null);

  const run = useCallback(
    async <T extends Answer>(path: string, body: unknown, options: { ifMatch?: number } = {}) => {
      const sent = JSON.stringify([path, body, options]);
      if (kept.current?.sent !== sent) kept.current = { sent, key: crypto.randomUUID() };
      setBusy(true);
      setProblem(undefined);
      try {
        const answer = await send<T>(path, body, { ...options, key: kept.current.key });
        kept.current = null;
        await untilShown(Math.max(answer.position, answer.linked?.position ?? 0));
        return answer;
      } catch (error) {
        const told = error instanceof Problem ? error : new Problem(0, "Error", String(error));
        if (!told.away) kept.current = null;
        setProblem(told);
        return undefined;
      } finally {
        setBusy(false);
      }
    },
    [],
  );
  return { busy, problem, run };
}

/** Wait until the read models have everything up to `position`; for 15 seconds at most. */
async function untilShown(position: number): Promise<void> {
  try {
    await get(`/runs?limit=1&min_position=${position}&wait_s=15`);
  } catch {
    // The command is on record; what pages show says itself how old it is.
  }
}

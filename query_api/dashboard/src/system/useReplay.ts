/** Having a parked run's events applied again: busy until the projector has done it. */

import { useCallback, useState } from "react";
import { get, Problem, send } from "../api/client.ts";
import type { Parked, ParkedList } from "../api/query.ts";
import { outcomeOf, type Outcome } from "./replay.ts";

const EVERY_MS = 500;
const PATIENCE_MS = 30_000;

export interface Replaying {
  /** Ids of runs that are being replayed. */
  busy: ReadonlySet<string>;
  /** What came of it, by run. */
  outcomes: ReadonlyMap<string, Outcome>;
  replay: (parked: Parked, name: string) => Promise<void>;
}

export function useReplay(refresh: () => Promise<void>): Replaying {
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());

  const replay = useCallback(
    async (parked: Parked, name: string) => {
      const run = parked.run_id;
      setBusy((before) => new Set(before).add(run));
      const outcome = await carryOut(parked, name);
      await refresh();
      setOutcomes((before) => new Map(before).set(run, outcome));
      setBusy((before) => new Set([...before].filter((one) => one !== run)));
    },
    [refresh],
  );
  return { busy, outcomes, replay };
}

async function carryOut(parked: Parked, name: string): Promise<Outcome> {
  try {
    await send(`/parked-runs/${parked.run_id}/replay`, {});
    for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
      const now = (await get<ParkedList>("/parked?limit=500")).items.find((one) => one.run_id === parked.run_id);
      const told = outcomeOf(parked, now, name);
      if (told) return told;
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
    return { mended: false, text: `${name}: no projector has taken the replay up yet. It is done when one runs again.` };
  } catch (error) {
    return { mended: false, text: `${name}: ${error instanceof Problem ? error.message : String(error)}` };
  }
}

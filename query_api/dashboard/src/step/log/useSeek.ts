import { useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../../api/client.ts";
import type { LogLine } from "../../api/query.ts";
import { rank, seek, type Rank } from "./seek.ts";
import type { Ask, Filter } from "./window.ts";

export interface Hit {
  line: LogLine;
  /** Undefined until it is counted. */
  rank?: Rank;
}

export interface Seeking {
  /** Null: there is none; undefined: nothing was looked for yet. */
  hit: Hit | null | undefined;
  busy: boolean;
  problem: Problem | undefined;
  go: (from: number, back: boolean) => void;
}

/** Going from hit to hit of `filter.search`. Another text begins anew. */
export function useSeek(ask: Ask, filter: Filter): Seeking {
  const [hit, setHit] = useState<Hit | null>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const abort = useRef<AbortController>(null);
  const { search, stream, level } = filter;

  useEffect(() => {
    setHit(undefined);
    setProblem(undefined);
    return () => abort.current?.abort();
  }, [ask, search, stream, level]);

  const go = useCallback((from: number, back: boolean) => {
    if (!search) return;
    abort.current?.abort();
    const { signal } = (abort.current = new AbortController());
    setBusy(true);
    const wanted = { search, stream, level };
    seek(ask, wanted, from, back, signal)
      .then(async (line) => {
        if (signal.aborted) return;
        setProblem(undefined);
        setHit(line && { line });
        setBusy(false);
        if (line === null) return;
        const ranked = await rank(ask, wanted, line, signal);
        if (!signal.aborted) setHit({ line, rank: ranked });
      })
      .catch((error: unknown) => {
        if (!signal.aborted) setProblem(error instanceof Problem ? error : new Problem(0, "Error", String(error)));
      })
      .finally(() => {
        if (!signal.aborted) setBusy(false);
      });
  }, [ask, search, stream, level]);
  return { hit, busy, problem, go };
}

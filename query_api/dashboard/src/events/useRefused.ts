import { useCallback, useEffect, useRef, useState } from "react";
import { get, Problem, query } from "../api/client.ts";
import type { RefusalList } from "../api/query.ts";
import { continued, refreshed, type Refused } from "./refused.ts";

const PAGE = 100;
const EVERY_MS = 3000;

/** Refused commands at `path`, newest first. They are no events: the newest are asked for every few seconds. */
export function useRefused(path: string, params: Record<string, string | null>) {
  const [refused, setRefused] = useState<Refused>();
  const [problem, setProblem] = useState<Problem>();
  const busy = useRef(false);
  const asked = `${path}${query({ ...params, limit: PAGE })}`;

  const ask = useCallback(
    async (cursor: string | null, signal?: AbortSignal) => {
      try {
        const page = await get<RefusalList>(cursor === null ? asked : `${asked}&cursor=${encodeURIComponent(cursor)}`, signal);
        setProblem(undefined);
        setRefused((known) => (cursor === null ? refreshed(known, page) : known && continued(known, page, cursor)));
      } catch (error) {
        if (!signal?.aborted) setProblem(error instanceof Problem ? error : new Problem(0, "Error", String(error)));
      }
    },
    [asked],
  );

  useEffect(() => {
    const abort = new AbortController();
    void ask(null, abort.signal);
    const timer = setInterval(() => document.hidden || void ask(null, abort.signal), EVERY_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [ask]);

  const next = refused?.next ?? null;
  const older = useCallback(() => {
    if (next === null || busy.current) return;
    busy.current = true;
    void ask(next).finally(() => (busy.current = false));
  }, [next, ask]);
  return { refused, problem, older };
}

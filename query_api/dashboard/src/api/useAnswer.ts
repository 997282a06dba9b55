/** An answer of the query API, kept level with what happens. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { Problem } from "./client.ts";
import { Keeper } from "./keeper.ts";
import type { EventItem } from "./query.ts";

export interface Answered<T> {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  /** Ask again; the promise ends with the next answer. */
  refresh: () => Promise<void>;
}

export interface Options {
  /** Which events make the answer old. Left out: all that the page follows. */
  relevant?: (event: EventItem) => boolean;
  /** Live tables have no events (workers): ask again after so many milliseconds. */
  everyMs?: number;
  /** It is read from the log or from live tables: always as of now, and takes no position. */
  asOfNow?: boolean;
}

/** For `relevant`: nothing that happens changes the answer. */
export const never = (): boolean => false;

/**
 * What is at `path`, or nothing while it is null. Shown at once where it was asked before,
 * asked again when events of the live stream concern it.
 */
export function useAnswer<T extends object>(path: string | null, options: Options = {}): Answered<T> {
  const [, redraw] = useState(0);
  const kept = useRef<Keeper<T> | null>(null);
  if (kept.current === null || kept.current.path !== path)
    kept.current = new Keeper<T>(path, () => redraw((count) => count + 1));
  const keeper = kept.current;
  keeper.relevant = options.relevant;
  keeper.asOfNow = options.asOfNow ?? false;
  const { everyMs } = options;

  useEffect(() => {
    keeper.begin();
    return () => keeper.end();
  }, [keeper]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => document.hidden || void keeper.refresh(), everyMs);
    return () => clearInterval(timer);
  }, [keeper, everyMs]);

  const refresh = useCallback(() => keeper.refresh(), [keeper]);
  return { data: keeper.data, problem: keeper.problem, loading: keeper.asking && !keeper.data, refresh };
}

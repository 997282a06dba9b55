/** An answer of the query API, kept level with what happens. */

import { useCallback, useEffect, useRef, useState } from "react";
import { get, Problem } from "./client.ts";
import { live } from "./live.ts";
import type { EventItem } from "./query.ts";

interface Placed {
  position?: number;
  stale?: boolean;
}

export interface Answered<T> {
  data: T | undefined;
  problem: Problem | undefined;
  loading: boolean;
  /** Ask again; the promise ends when the answer has everything up to `position`. */
  refresh: (position?: number) => Promise<void>;
}

export interface Options {
  /** Which events make the answer old. Left out: all that the page follows. */
  relevant?: (event: EventItem) => boolean;
  /** Live tables have no events (workers): ask again after so many milliseconds. */
  everyMs?: number;
}

const QUIET_MS = 200;
const AWAY_MS = 1500;

/**
 * What is at `path`, or nothing while it is null. Shown at once where it was asked before,
 * asked again when events of the live stream concern it: at most one request at a time, and
 * pauses between them that grow with what an answer costs.
 */
export function useAnswer<T extends object>(path: string | null, options: Options = {}): Answered<T> {
  const [, redraw] = useState(0);
  const kept = useRef<Keeper<T> | null>(null);
  if (kept.current === null || kept.current.path !== path)
    kept.current = new Keeper<T>(path, () => redraw((count) => count + 1));
  const keeper = kept.current;
  keeper.relevant = options.relevant;
  const { everyMs } = options;

  useEffect(() => {
    keeper.begin();
    const endings = [
      live.onEvents((events) => keeper.heard(events)),
      live.onReopened(() => void keeper.refresh()),
    ];
    const timer = everyMs && setInterval(() => document.hidden || void keeper.refresh(), everyMs);
    return () => {
      for (const end of endings) end();
      clearInterval(timer || undefined);
      keeper.end();
    };
  }, [keeper, everyMs]);

  const refresh = useCallback((position?: number) => keeper.refresh(position), [keeper]);
  return { data: keeper.data, problem: keeper.problem, loading: keeper.asking && !keeper.data, refresh };
}

const remembered = new Map<string, unknown>();
const MOST_REMEMBERED = 60;

/** Forget all answers, when somebody else signs in. */
export function forgetAnswers(): void {
  remembered.clear();
}

class Keeper<T extends object> {
  data: T | undefined;
  problem: Problem | undefined;
  asking = false;
  relevant: ((event: EventItem) => boolean) | undefined;
  private abort: AbortController | null = null;
  private wanted = 0;
  private waiting: { position: number; done: () => void }[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = true;
  private costMs = 0;

  constructor(
    readonly path: string | null,
    private readonly changed: () => void,
  ) {
    this.data = path === null ? undefined : (remembered.get(path) as T | undefined);
    this.asking = path !== null;
  }

  begin(): void {
    this.ended = false;
    if (this.path !== null) void this.refresh();
  }

  end(): void {
    this.ended = true;
    if (this.timer !== undefined) live.catchingUp(-1);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.abort?.abort();
    this.abort = null;
  }

  heard(events: EventItem[]): void {
    const last = events.findLast((event) => this.relevant?.(event) ?? true);
    if (last === undefined) return;
    this.wanted = Math.max(this.wanted, last.position);
    if (this.abort === null && this.timer === undefined) this.later(this.costMs);
  }

  private later(costMs: number): void {
    live.catchingUp(1);
    // An answer that costs much is asked for less often: a busy run leaves the page calm.
    const pause = Math.max(QUIET_MS, costMs * 6);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      live.catchingUp(-1);
      void this.ask();
    }, pause);
  }

  refresh(position = 0): Promise<void> {
    if (this.path === null || this.ended) return Promise.resolve();
    this.wanted = Math.max(this.wanted, position);
    return new Promise((done) => {
      this.waiting.push({ position, done });
      if (this.abort === null) void this.ask();
    });
  }

  private async ask(): Promise<void> {
    if (this.path === null || this.ended) return;
    const abort = (this.abort = new AbortController());
    const wanted = this.wanted;
    const joint = this.path.includes("?") ? "&" : "?";
    const fresh = wanted > 0 ? `${joint}min_position=${wanted}` : "";
    const began = performance.now();
    live.catchingUp(1);
    let again = 0;
    try {
      const data = await get<T>(this.path + fresh, abort.signal);
      this.keep(data);
      if ((data as Placed).stale) again = QUIET_MS;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = error instanceof Problem ? error : new Problem(0, "Error", String(error));
      if (this.problem.away) again = AWAY_MS;
    } finally {
      live.catchingUp(-1);
    }
    if (this.abort !== abort) return;
    this.abort = null;
    this.asking = false;
    this.changed();
    this.costMs = performance.now() - began;
    const reached = again > 0 && this.problem === undefined ? ((this.data as Placed).position ?? 0) : Infinity;
    const over = this.waiting.filter((one) => one.position <= reached || !this.problem?.away);
    this.waiting = this.waiting.filter((one) => !over.includes(one));
    for (const one of over) one.done();
    if (again > 0 || this.wanted > wanted) this.later(Math.max(this.costMs, again / 6));
  }

  private keep(data: T): void {
    this.data = data;
    this.problem = undefined;
    if (this.path === null) return;
    remembered.delete(this.path);
    remembered.set(this.path, data);
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? "");
  }
}

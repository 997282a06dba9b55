/** One answer of the query API: asked for, remembered, and asked again when it has become old. */

import { get, Problem } from "./client.ts";
import { live } from "./live.ts";
import type { EventItem } from "./query.ts";

interface Placed {
  position?: number;
  stale?: boolean;
}

const QUIET_MS = 200;
const AWAY_MS = 1500;

const remembered = new Map<string, unknown>();
const MOST_REMEMBERED = 60;

/** Forget all answers: they are of whoever was signed in. */
export function forgetAnswers(): void {
  remembered.clear();
}

/** At most one request at a time, and pauses between them that grow with what an answer costs. */
export class Keeper<T extends object> {
  data: T | undefined;
  problem: Problem | undefined;
  asking = false;
  relevant: ((event: EventItem) => boolean) | undefined;
  /** Takes no `min_position`: it has all that has happened. */
  asOfNow = false;
  private abort: AbortController | null = null;
  private wanted = 0;
  private waiting: (() => void)[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private endings: (() => void)[] = [];
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
    if (this.path === null) return;
    this.endings = [
      live.onEvents((events) => this.heard(events)),
      live.onReopened(() => void this.refresh()),
      live.onFollowing(() => {
        if (this.abort === null && this.timer === undefined && this.lacks()) this.later(0);
      }),
    ];
    void this.refresh();
  }

  end(): void {
    this.ended = true;
    for (const ending of this.endings) ending();
    this.endings = [];
    this.unset();
    this.abort?.abort();
    this.abort = null;
    this.release();
  }

  private heard(events: EventItem[]): void {
    const last = events.findLast((event) => this.relevant?.(event) ?? true);
    if (last === undefined) return;
    this.wanted = Math.max(this.wanted, last.position);
    if (this.abort === null && this.timer === undefined) this.later(this.costMs);
  }

  /** Whether the answer is older than where the stream began: what came between is in neither. */
  private lacks(): boolean {
    const { position, stale } = (this.data ?? {}) as Placed;
    // Only what says whether it is stale can be asked for as of a position.
    if (this.asOfNow || stale === undefined || position === undefined) return false;
    if (position >= live.from || this.wanted >= live.from) return false;
    this.wanted = live.from;
    return true;
  }

  private later(costMs: number): void {
    this.unset();
    live.catchingUp(1);
    // An answer that costs much is asked for less often: a busy run leaves the page calm.
    const pause = Math.max(QUIET_MS, costMs * 6);
    this.timer = setTimeout(() => void this.ask(), pause);
  }

  private unset(): void {
    if (this.timer === undefined) return;
    live.catchingUp(-1);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Ends with the next answer; while nobody answers, it waits. */
  refresh(): Promise<void> {
    if (this.path === null || this.ended) return Promise.resolve();
    return new Promise((done) => {
      this.waiting.push(done);
      if (this.abort === null) void this.ask();
    });
  }

  private release(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const done of waiting) done();
  }

  private async ask(): Promise<void> {
    this.unset();
    if (this.path === null || this.ended) return;
    const abort = (this.abort = new AbortController());
    const wanted = this.wanted;
    const joint = this.path.includes("?") ? "&" : "?";
    const fresh = wanted > 0 && !this.asOfNow ? `${joint}min_position=${wanted}` : "";
    const began = performance.now();
    live.catchingUp(1);
    let again = 0;
    try {
      const data = await get<T>(this.path + fresh, abort.signal);
      if (abort.signal.aborted) return;
      this.keep(data);
      if (!this.asOfNow && (data as Placed).stale) again = QUIET_MS;
    } catch (error) {
      if (abort.signal.aborted) return;
      this.problem = error instanceof Problem ? error : new Problem(0, "Error", String(error));
      if (this.problem.away) again = AWAY_MS;
    } finally {
      live.catchingUp(-1);
    }
    this.abort = null;
    this.asking = false;
    this.costMs = performance.now() - began;
    this.changed();
    if (!this.problem?.away) this.release();
    // Whoever was released may have asked already.
    if (this.abort !== null) return;
    if (again > 0 || this.wanted > wanted || this.lacks()) this.later(Math.max(this.costMs, again / 6));
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

/**
 * The grid of one workflow, kept level: fetched whole once (states alone, which are little),
 * then by single columns as events name their runs. Durations come by the window, on demand.
 */

import { get, Problem, query } from "../api/client.ts";
import { live } from "../api/live.ts";
import type { EventItem, Matrix } from "../api/query.ts";
import { Grid } from "../core/matrix.ts";

export interface Asked {
  workflow: string;
  runs: number;
  before: number | null;
  version: number | null;
}

export interface Snapshot {
  grid: Grid | null;
  /** Another one whenever something in the grid is. */
  revision: number;
  /** `before` of older runs, where there are any. */
  next: number | null;
  position: number | undefined;
  problem: Problem | undefined;
}

const QUIET_MS = 200;
const AWAY_MS = 1500;
/** As many as the API takes at once. */
const MOST_NUMBERS = 200;
const DETAILED_AT_ONCE = 60;

export class Feed {
  snapshot: Snapshot = { grid: null, revision: 0, next: null, position: undefined, problem: undefined };
  private readonly listeners = new Set<() => void>();
  private endings: (() => void)[] = [];
  private readonly changed = new Set<number>();
  private wanted = 0;
  private whole = true;
  private busy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private costMs = 0;
  private detailed: { from: number; end: number } | null = null;
  private detailing = false;
  private abort = new AbortController();

  constructor(readonly asked: Asked) {}

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.begin();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.end();
    };
  };

  read = (): Snapshot => this.snapshot;

  /** Ask again for everything, keeping what is shown until it is there. */
  refresh = (): void => {
    this.whole = true;
    this.later(0);
  };

  /** Have durations and attempts of these columns; null: no longer. */
  detail(window: { from: number; end: number } | null): void {
    this.detailed = window;
    void this.fetchDetails();
  }

  /** Have durations and attempts of the run under the pointer. */
  async detailOf(number: number): Promise<void> {
    if (this.detailing) return;
    await this.fetchColumns([number], "all");
  }

  private begin(): void {
    this.abort = new AbortController();
    this.busy = this.detailing = false;
    this.endings = [
      live.onEvents((events) => this.heard(events)),
      live.onReopened(this.refresh),
      live.onFollowing(() => {
        if (this.lacks(this.snapshot.position ?? live.from)) this.refresh();
      }),
    ];
    this.refresh();
  }

  private end(): void {
    for (const ending of this.endings) ending();
    this.abort.abort();
    if (this.timer !== undefined) live.catchingUp(-1);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private heard(events: EventItem[]): void {
    for (const event of events) {
      if (event.workflow !== this.asked.workflow) continue;
      this.wanted = Math.max(this.wanted, event.position);
      if (event.number !== null && this.concerns(event.number)) this.changed.add(event.number);
    }
    if (this.changed.size > 0) this.later(this.costMs);
  }

  /** Whether an answer of this position is older than where the stream began: what came between is in neither. */
  private lacks(position: number): boolean {
    if (position >= live.from) return false;
    this.wanted = Math.max(this.wanted, live.from);
    return true;
  }

  /** A page of older runs gets no newer ones. */
  private concerns(number: number): boolean {
    const grid = this.snapshot.grid;
    if (grid === null || grid.placeOf(number) >= 0) return true;
    return this.asked.before === null && number > (grid.columns.at(-1)?.number ?? 0);
  }

  /** The more an answer costs, the longer the pause before the next: a busy run leaves the page calm. */
  private later(costMs: number): void {
    if (this.timer !== undefined || this.busy || this.listeners.size === 0) return;
    live.catchingUp(1);
    const pause = this.snapshot.grid === null ? 0 : Math.max(QUIET_MS, costMs * 6);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      live.catchingUp(-1);
      void this.ask();
    }, pause);
  }

  private async ask(): Promise<void> {
    const { signal } = this.abort;
    this.busy = true;
    const began = performance.now();
    const numbers = [...this.changed];
    this.changed.clear();
    const whole = this.whole || numbers.length > MOST_NUMBERS;
    this.whole = false; // whoever wants all of it from now on wants another answer
    let again = false;
    try {
      if (whole) await this.fetchWhole(signal);
      else if (numbers.length > 0) again = await this.fetchColumns(numbers, this.detailed ? "all" : "cells");
    } catch (error) {
      if (signal.aborted) return;
      for (const number of numbers) this.changed.add(number);
      this.whole ||= whole;
      const problem = error instanceof Problem ? error : new Problem(0, "Error", String(error));
      this.set({ problem });
      if (problem.away) setTimeout(() => this.later(0), AWAY_MS);
      this.busy = false;
      return;
    }
    if (signal.aborted) return;
    this.busy = false;
    this.costMs = performance.now() - began;
    if (again) for (const number of numbers) this.changed.add(number);
    if (this.whole || this.changed.size > 0) this.later(this.costMs);
    if (this.detailed) void this.fetchDetails();
  }

  private address(more: Record<string, unknown>): string {
    const { workflow, version } = this.asked;
    return `/workflows/${encodeURIComponent(workflow)}/matrix${query({ version, ...more })}`;
  }

  private async fetchWhole(signal: AbortSignal): Promise<void> {
    const { runs, before } = this.asked;
    const path = this.address({ runs, before, detail: "cells", min_position: this.wanted || null });
    const answer = await get<Matrix>(path, signal);
    if (answer.stale || this.lacks(answer.position)) this.whole = true;
    const grid = new Grid(answer);
    this.set({ grid, next: answer.next, position: answer.position, problem: undefined });
  }

  /** True where the answer came too early, and they are to be asked for again. */
  private async fetchColumns(numbers: number[], detail: "cells" | "all"): Promise<boolean> {
    const { signal } = this.abort;
    const path = this.address({ number: numbers, detail, min_position: this.wanted || null });
    const answer = await get<Matrix>(path, signal);
    const { grid } = this.snapshot;
    if (grid === null || signal.aborted) return false;
    const merged = grid.merge(answer, this.asked.runs, this.asked.before === null);
    if (merged.otherSteps) this.refresh();
    this.set({ problem: undefined });
    return answer.stale;
  }

  private async fetchDetails(): Promise<void> {
    const { grid } = this.snapshot;
    if (this.detailed === null || grid === null || this.detailing) return;
    const { from, end } = this.detailed;
    const lacking = grid.columns.slice(from, end).filter((one) => one.durations === null);
    if (lacking.length === 0) return;
    this.detailing = true;
    // The newest first: they stand where the reader looks.
    const numbers = lacking.slice(-DETAILED_AT_ONCE).map((one) => one.number);
    let early = false;
    try {
      early = await this.fetchColumns(numbers, "all");
    } catch (error) {
      if (!this.abort.signal.aborted) this.set({ problem: error instanceof Problem ? error : undefined });
      return;
    } finally {
      this.detailing = false;
    }
    // What told nothing of them is not asked again at once: it would tell nothing again.
    if (numbers.some((number) => this.isDetailed(number))) void this.fetchDetails();
    else if (early) this.later(this.costMs);
  }

  private isDetailed(number: number): boolean {
    const { grid } = this.snapshot;
    const column = grid?.columns[grid.placeOf(number)];
    return column !== undefined && column.durations !== null;
  }

  private set(change: Partial<Snapshot>): void {
    this.snapshot = { ...this.snapshot, ...change, revision: this.snapshot.revision + 1 };
    for (const listener of this.listeners) listener();
  }
}

/** A list of the query API by pages: more as it is scrolled, level with what happens. */

import { get, Problem } from "../api/client.ts";
import { live } from "../api/live.ts";
import type { EventItem } from "../api/query.ts";
import { appended, levelled, pagesWith, replaced, unseenIn, type Answer, type Order, type Page } from "./pages.ts";

interface PageAnswer<T> extends Answer<T> {
  position: number;
  stale: boolean;
}

export interface Reading<T> extends Order<T> {
  /** Rows of a page. */
  limit: number;
  /** Which events make the list old. */
  relevant: (event: EventItem) => boolean;
  /** A row that fits no longer, as it is now. */
  lookUp?: (row: T) => Promise<T | undefined>;
}

const QUIET_MS = 250;
const AWAY_MS = 1500;
const MOST_LOOKED_UP = 8;

export class Paged<T> {
  pages: Page<T>[] = [];
  rows: T[] = [];
  problem: Problem | undefined;
  /** Where the first answer stood, later the last event: the live stream is followed from there. */
  position: number | undefined;
  loading = false;
  /** Rows that are seen, from the first to the last; and how far it is scrolled. */
  seen: [number, number] = [0, 30];
  scrolled = 0;
  private wanted = 0;
  private stirred = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private levelling = false;
  private costMs = 0;
  private asked = 0;
  private begun = false;
  private readonly watchers = new Set<() => void>();
  private drawn = 0;

  constructor(
    /** Address and filters; limit and cursor are added. */
    readonly path: string,
    private readonly reading: Reading<T>,
  ) {}

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
  /** Another number whenever there is something to draw. */
  version = (): number => this.drawn;

  get unseen(): number {
    return unseenIn(this.pages);
  }
  get gone(): number {
    return this.pages.reduce((sum, page) => sum + page.gone.size, 0);
  }
  isGone(row: T): boolean {
    const id = this.reading.id(row);
    return this.pages.some((page) => page.gone.has(id));
  }
  /** There may be more below; undefined before the first answer. */
  get next(): string | null | undefined {
    return this.pages.at(-1)?.next;
  }

  /** Read on while the list is shown; returns how to stop. */
  begin(): () => void {
    this.begun = true;
    if (this.pages.length === 0) void this.more();
    else this.later(0);
    const endings = [
      live.onEvents((events) => this.heard(events)),
      live.onReopened(() => this.later(0)),
    ];
    return () => {
      for (const end of endings) end();
      this.begun = false;
      this.asked += 1; // what is under way comes too late
      this.loading = false;
      this.pause();
    };
  }

  /** The next page, unless it is on its way or there is none. */
  async more(): Promise<void> {
    const cursor = this.next;
    if (this.loading || !this.begun || cursor === null) return;
    this.loading = true;
    this.changed();
    const asked = this.asked;
    let again = false;
    try {
      const answer = await this.fetch(cursor ?? null);
      if (asked !== this.asked) return;
      this.position ??= answer.position;
      this.problem = undefined;
      this.show(appended(this.pages, cursor ?? null, answer, this.reading));
    } catch (error) {
      if (asked !== this.asked) return;
      this.problem = toProblem(error);
      again = this.problem.away;
    }
    this.loading = false;
    this.changed();
    if (again) setTimeout(() => void this.more(), AWAY_MS);
  }

  /** From the top, with all that is new; the promise ends when it is there. */
  async anew(position = 0): Promise<void> {
    this.wanted = Math.max(this.wanted, position);
    this.asked += 1;
    const asked = this.asked;
    this.loading = true;
    try {
      const answer = await this.fetch(null);
      if (asked !== this.asked) return;
      this.problem = undefined;
      this.scrolled = 0;
      this.seen = [0, 30];
      this.show(appended([], null, answer, this.reading));
    } catch (error) {
      if (asked !== this.asked) return;
      this.problem = toProblem(error);
    }
    this.loading = false;
    this.changed();
  }

  private heard(events: EventItem[]): void {
    // Coming back, the list need not be told again what it was told before.
    if (this.position !== undefined) this.position = Math.max(this.position, events.at(-1)?.position ?? 0);
    const ours = events.filter(this.reading.relevant);
    if (ours.length === 0) return;
    for (const event of ours) if (event.run_id !== null) this.stirred.add(event.run_id);
    this.wanted = Math.max(this.wanted, ours.at(-1)?.position ?? 0);
    this.later(Math.max(QUIET_MS, this.costMs * 6));
  }

  private later(pauseMs: number): void {
    if (this.timer !== undefined || this.levelling || !this.begun) return;
    live.catchingUp(1);
    this.timer = setTimeout(() => {
      this.pause();
      void this.level();
    }, pauseMs);
  }

  private pause(): void {
    if (this.timer === undefined) return;
    live.catchingUp(-1);
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Ask again for what is seen, and for the top, where new rows are. */
  private async level(): Promise<void> {
    const asked = this.asked;
    const wanted = this.wanted;
    const stirred = this.stirred;
    this.stirred = new Set();
    this.levelling = true;
    live.catchingUp(1);
    const began = performance.now();
    let again = 0;
    try {
      const cursors = new Set([null, ...pagesWith(this.pages, ...this.seen).map((page) => page.cursor)]);
      for (const cursor of cursors) {
        const answer = await this.fetch(cursor);
        if (asked !== this.asked) break; // the list was left, or read anew, meanwhile
        if (answer.stale) again = QUIET_MS;
        this.show(levelled(this.pages, cursor, answer, this.reading));
      }
      await this.lookUp(stirred, asked);
      if (asked === this.asked) this.problem = undefined;
    } catch (error) {
      if (asked === this.asked) this.problem = toProblem(error);
      if (toProblem(error).away) again = AWAY_MS;
    }
    this.levelling = false;
    live.catchingUp(-1);
    this.costMs = performance.now() - began;
    this.changed();
    // What was heard meanwhile is looked at in any case, also where this came to nothing.
    if (again > 0 || this.wanted > wanted) this.later(Math.max(again, QUIET_MS, this.costMs * 6));
  }

  private async lookUp(stirred: Set<string>, asked: number): Promise<void> {
    const { lookUp, id } = this.reading;
    if (lookUp === undefined || asked !== this.asked) return;
    const [from, to] = this.seen;
    const sought = this.rows.slice(from, to + 1).filter((row) => stirred.has(id(row)) && this.isGone(row));
    for (const row of sought.slice(0, MOST_LOOKED_UP)) {
      const found = await lookUp(row);
      if (asked !== this.asked) return;
      if (found !== undefined) this.show(replaced(this.pages, found, this.reading));
    }
  }

  private fetch(cursor: string | null): Promise<PageAnswer<T>> {
    const joint = this.path.includes("?") ? "&" : "?";
    const after = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const fresh = this.wanted > 0 ? `&min_position=${this.wanted}` : "";
    return get<PageAnswer<T>>(`${this.path}${joint}limit=${this.reading.limit}${after}${fresh}`);
  }

  private show(pages: Page<T>[]): void {
    if (pages === this.pages) return;
    this.pages = pages;
    this.rows = pages.flatMap((page) => page.rows);
    this.changed();
  }

  private changed(): void {
    this.drawn += 1;
    for (const watcher of this.watchers) watcher();
  }
}

function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, "Error", String(error));
}

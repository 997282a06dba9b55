/**
 * A stretch of an attempt's log: lines that follow each other, more of them on either side
 * when they are asked for. Never the whole log, so its length does not matter.
 */

import type { DroppedLines, LogLine, LogMatches, LogPage, LogQuery } from "../../api/query.ts";

export type Ask = (query: LogQuery, signal: AbortSignal) => Promise<LogPage>;

/** Which lines are wanted: all, or those with this text, stream, or level and worse ones. */
export type Filter = Pick<LogQuery, "search" | "stream" | "level">;

export const PAGE = 400;
/** So many lines are kept; beyond, the far end is let go (and can be asked for again). */
export const MOST = 6000;

export class LogWindow {
  lines: LogLine[] = [];
  total = 0;
  firstKept = 1;
  dropped: DroppedLines | null = null;
  overLimit = 0;
  /** How many lines the filter leaves, as far as it was counted. */
  matches: LogMatches | null = null;
  ended: boolean | null = false;
  open = true;
  /** Something has been answered. */
  begun = false;
  atStart = false;
  atEnd = false;
  busy = false;
  problem: unknown;
  /** Grows with every change, for whoever draws it. */
  revision = 0;

  private after = 0;
  private before: number | null = null;
  private abort = new AbortController();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly ask: Ask,
    readonly filter: Filter = {},
  ) {}

  get filtered(): boolean {
    return Boolean(this.filter.search || this.filter.stream || this.filter.level);
  }

  /** The last lines. */
  openEnd(): Promise<void> {
    return this.anew(async () => {
      const page = await this.page({ tail: PAGE });
      this.set(page.lines, page, page);
      this.matches = page.matches;
      while (this.lines.length === 0 && !this.atStart) await this.back();
    });
  }

  /** Lines around number `n`. */
  openAt(n: number): Promise<void> {
    return this.anew(async () => {
      const [ahead, behind] = await Promise.all([
        this.page({ before: n, limit: PAGE / 2 }),
        this.page({ after: n - 1, limit: PAGE / 2 }),
      ]);
      this.set([...ahead.lines, ...behind.lines], ahead, behind);
    });
  }

  /** The page ahead of the first line. */
  older(): Promise<void> {
    return this.once(async () => {
      const had = this.lines.length;
      while (!this.atStart && this.lines.length === had) await this.back();
      if (this.lines.length > MOST) {
        this.lines = this.lines.slice(0, MOST);
        this.after = this.lines.at(-1)?.n ?? this.after;
        this.atEnd = false;
      }
    });
  }

  /** The page behind the last line; at the end, what has come since. */
  newer(): Promise<void> {
    return this.once(async () => {
      let added = 0;
      do {
        const page = await this.page({ after: this.after, limit: PAGE });
        added = page.lines.length;
        this.lines = added > 0 ? [...this.lines, ...page.lines] : this.lines;
        this.after = Math.max(this.after, page.next);
        this.atEnd = !page.more;
      } while (added === 0 && !this.atEnd);
      if (this.lines.length > MOST) {
        this.lines = this.lines.slice(-MOST);
        this.before = this.lines[0]?.n ?? this.before;
        this.atStart = false;
      }
    });
  }

  /** How long the log is by now, where the window does not reach its end. */
  measure(): Promise<void> {
    return this.once(async () => {
      await this.page({ after: this.total, limit: 1 });
    });
  }

  close(): void {
    this.abort.abort();
    this.listeners.clear();
  }

  watch = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private async back(): Promise<void> {
    const page = await this.page({ before: this.before ?? 1, limit: PAGE });
    this.lines = [...page.lines, ...this.lines];
    this.before = page.previous;
    this.atStart = page.previous === null;
  }

  private set(lines: LogLine[], ahead: LogPage, behind: LogPage): void {
    this.lines = lines;
    this.before = ahead.previous;
    this.atStart = ahead.previous === null;
    this.after = Math.max(behind.next, lines.at(-1)?.n ?? 0);
    this.atEnd = !behind.more;
  }

  private async page(query: LogQuery): Promise<LogPage> {
    const page = await this.ask({ ...this.filter, ...query }, this.abort.signal);
    this.total = Math.max(this.total, page.total);
    this.firstKept = page.first_kept;
    this.dropped = page.dropped;
    this.overLimit = page.over_limit;
    this.ended = page.ended;
    this.open = page.open;
    return page;
  }

  /** Leave whatever is under way, and begin somewhere else. */
  private anew(work: () => Promise<void>): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    this.busy = false;
    return this.once(work);
  }

  /** One thing at a time: what is asked for meanwhile is asked for again by scrolling on. */
  private async once(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    const { signal } = this.abort;
    const before = this.seen();
    this.busy = true;
    try {
      await work();
      this.problem = undefined;
      this.begun = true;
    } catch (error) {
      if (signal.aborted) return;
      this.problem = error;
    }
    if (signal.aborted) return;
    this.busy = false;
    if (this.seen() === before) return;
    this.revision++;
    for (const listener of this.listeners) listener();
  }

  /** What a reader sees of it: a question that brings nothing new draws nothing anew. */
  private seen(): string {
    return [
      this.begun, this.lines[0]?.n, this.lines.length, this.lines.at(-1)?.n, this.total, this.firstKept, this.overLimit,
      this.ended, this.open, this.atStart, this.atEnd, String(this.problem),
    ].join();
  }
}

import { describe, expect, it } from "vitest";
import type { LogLine, LogPage, LogQuery } from "../../api/query.ts";
import { rank, seek } from "./seek.ts";
import { LogWindow, MOST, PAGE, type Ask } from "./window.ts";

/** A log of so many lines that is asked as the query API is; a `hit` in each hundredth line. */
class Log {
  asked: LogQuery[] = [];
  open = true;
  /** A search looks at so many lines at a time, and answers with what it has. */
  slow = Infinity;
  constructor(public length: number) {}

  ask: Ask = (query) => {
    this.asked.push(query);
    const limit = query.tail ?? query.limit ?? 200;
    const wanted = (n: number) => !query.search || this.text(n).includes(query.search);
    const lines: LogLine[] = [];
    const down = query.tail != null || query.before != null;
    let reached: number;
    if (down) {
      const before = Math.min(query.before ?? Infinity, this.length + 1);
      reached = before;
      while (reached > 1 && lines.length < limit && before - reached < this.slow)
        if (wanted(--reached)) lines.unshift(this.line(reached));
      return Promise.resolve(this.answer(query, lines, before - 1, reached > 1 ? reached : null));
    }
    reached = query.after ?? 0;
    const after = reached;
    while (reached < this.length && lines.length < limit && reached - after < this.slow)
      if (wanted(++reached)) lines.push(this.line(reached));
    return Promise.resolve(this.answer(query, lines, reached, after >= 1 ? after + 1 : null));
  };

  private answer(query: LogQuery, lines: LogLine[], next: number, previous: number | null): LogPage {
    const from = query.after ?? 0;
    const hits = Math.floor(this.length / 100) - Math.floor(from / 100);
    return {
      lines, total: this.length, first_kept: 1, dropped: null, over_limit: 0, next, previous, more: next < this.length,
      matches: query.search ? { lines: hits, at_least: false } : null, ended: !this.open, open: this.open,
    };
  }

  private text(n: number): string {
    return n % 100 === 0 ? `hit ${n}` : `line ${n}`;
  }

  private line(n: number): LogLine {
    return { n, at: "2026-11-01T12:00:00Z", stream: "stdout", level: "info", text: this.text(n), cut: false };
  }
}

const range = (window: LogWindow) => [window.lines[0]?.n, window.lines.at(-1)?.n];

function isWhole(window: LogWindow): void {
  const first = window.lines[0]?.n ?? 0;
  expect(window.lines.findIndex((line, index) => line.n !== first + index)).toBe(-1);
}

describe("a window of a log", () => {
  it("opens a log of a million lines at its end, with one question", async () => {
    const log = new Log(1_000_000);
    const window = new LogWindow(log.ask);
    await window.openEnd();
    expect(range(window)).toEqual([1_000_001 - PAGE, 1_000_000]);
    expect([window.atEnd, window.atStart, window.total]).toEqual([true, false, 1_000_000]);
    expect(log.asked).toHaveLength(1);
  });

  it("opens around a line", async () => {
    const window = new LogWindow(new Log(1_000_000).ask);
    await window.openAt(500_000);
    expect(range(window)).toEqual([500_000 - PAGE / 2, 499_999 + PAGE / 2]);
    isWhole(window);
    await window.openAt(3);
    expect([window.lines[0]?.n, window.atStart]).toEqual([1, true]);
  });

  it("grows on both sides without gaps, and lets the far end go", async () => {
    const window = new LogWindow(new Log(50_000).ask);
    await window.openAt(25_000);
    for (let count = 0; count < 30; count++) await window.newer();
    isWhole(window);
    expect(window.lines.length).toBe(MOST);
    for (let count = 0; count < 60; count++) await window.older();
    isWhole(window);
    expect(window.lines.length).toBe(MOST);
    expect(window.atEnd).toBe(false);
    await window.newer();
    isWhole(window);
  });

  it("follows: what comes is added behind the last line", async () => {
    const log = new Log(10);
    const window = new LogWindow(log.ask);
    await window.openEnd();
    log.length = 25;
    await window.newer();
    expect(range(window)).toEqual([1, 25]);
    log.open = false;
    await window.newer();
    expect([window.open, range(window)]).toEqual([false, [1, 25]]);
  });

  it("learns how long the log is by now without moving", async () => {
    const log = new Log(100_000);
    const window = new LogWindow(log.ask);
    await window.openAt(50);
    log.length = 100_010;
    await window.measure();
    expect(window.total).toBe(100_010);
    expect(window.lines.at(-1)?.n).toBeLessThan(1000);
  });

  it("goes on by itself where a search ends early with nothing found", async () => {
    const log = new Log(1_000);
    log.slow = 30;
    const window = new LogWindow(log.ask, { search: "hit" });
    await window.openEnd();
    expect(window.lines.map((line) => line.n)).toEqual([1000]);
    await window.older();
    expect(window.lines.map((line) => line.n)).toEqual([900, 1000]);
    expect(window.matches?.lines).toBe(10);
  });

  it("keeps what it shows where nobody answers, and says so", async () => {
    const log = new Log(100);
    let away = false;
    const window = new LogWindow((query, signal) => (away ? Promise.reject(new Error("away")) : log.ask(query, signal)));
    await window.openEnd();
    away = true;
    await window.newer();
    expect([window.lines.length, String(window.problem)]).toEqual([100, "Error: away"]);
    away = false;
    await window.newer();
    expect(window.problem).toBeUndefined();
  });
});

describe("going from hit to hit", () => {
  const signal = new AbortController().signal;
  const filter = { search: "hit" };

  it("goes on and back", async () => {
    const { ask } = new Log(1_000);
    expect(await seek(ask, filter, 0, false, signal)).toMatchObject({ n: 100 });
    expect(await seek(ask, filter, 100, false, signal)).toMatchObject({ n: 200 });
    expect(await seek(ask, filter, 450, true, signal)).toMatchObject({ n: 400 });
  });

  it("says which one of how many it is", async () => {
    const { ask } = new Log(1_000);
    const line = await seek(ask, filter, 450, true, signal);
    expect(line && (await rank(ask, filter, line, signal))).toMatchObject({ nth: 4, all: { lines: 10 } });
  });

  it("begins again at the other end", async () => {
    const { ask } = new Log(1_000);
    expect(await seek(ask, filter, 1_000, false, signal)).toMatchObject({ n: 100 });
    expect(await seek(ask, filter, 100, true, signal)).toMatchObject({ n: 1_000 });
  });

  it("knows when there is none", async () => {
    expect(await seek(new Log(1_000).ask, { search: "nowhere" }, 500, false, signal)).toBeNull();
    expect(await seek(new Log(0).ask, filter, 0, true, signal)).toBeNull();
  });
});

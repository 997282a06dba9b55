/** Going from hit to hit of a text in a log, however far they lie apart. */

import type { LogLine, LogMatches, LogPage } from "../../api/query.ts";
import type { Ask, Filter } from "./window.ts";

export interface Rank {
  /** Which one of all it is, from 1; null where that was not counted to the end. */
  nth: number | null;
  all: LogMatches;
}

/**
 * The hit behind line `from`, or with `back` the one ahead of it; beyond the last one it
 * begins again at the other end. Null: there is none.
 */
export async function seek(ask: Ask, filter: Filter, from: number, back: boolean, signal: AbortSignal): Promise<LogLine | null> {
  const next = back ? ahead : behind;
  return (await next(ask, filter, from, signal)) ?? next(ask, filter, back ? Number.MAX_SAFE_INTEGER : 0, signal);
}

/** Which one of how many hits a line is. */
export async function rank(ask: Ask, filter: Filter, line: LogLine, signal: AbortSignal): Promise<Rank> {
  const [whole, rest] = await Promise.all([
    ask({ ...filter, after: 0, limit: 1 }, signal),
    ask({ ...filter, after: line.n - 1, limit: 1 }, signal),
  ]);
  const all = whole.matches ?? { lines: 0, at_least: true };
  const counted = !all.at_least && rest.matches !== null && !rest.matches.at_least;
  return { nth: counted && rest.matches ? all.lines - rest.matches.lines + 1 : null, all };
}

async function behind(ask: Ask, filter: Filter, from: number, signal: AbortSignal): Promise<LogLine | null> {
  let page: LogPage;
  let after = from;
  do {
    page = await ask({ ...filter, after, limit: 1 }, signal);
    after = page.next;
  } while (page.lines.length === 0 && page.more);
  return page.lines[0] ?? null;
}

async function ahead(ask: Ask, filter: Filter, from: number, signal: AbortSignal): Promise<LogLine | null> {
  let before: number | null = from;
  while (before !== null) {
    const page: LogPage = await ask(
      before === Number.MAX_SAFE_INTEGER ? { ...filter, tail: 1 } : { ...filter, before, limit: 1 }, signal);
    if (page.lines.length > 0) return page.lines.at(-1) ?? null;
    before = page.previous;
  }
  return null;
}

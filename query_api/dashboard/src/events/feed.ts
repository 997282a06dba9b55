/**
 * Events newest first: pages of older ones below, what arrives live on top. Every event
 * once, none left out between the newest and the oldest, whatever comes twice or late.
 */

import type { EventItem, EventList } from "../api/query.ts";

export interface Feed {
  /** Newest first. */
  shown: readonly EventItem[];
  /** Arrived, not shown yet; newest first. */
  held: readonly EventItem[];
  /** So many arrived that they were not kept: the list has to be asked for anew. */
  overflowed: boolean;
  /** Older ones are asked for `before` this; null at the beginning of the log. */
  next: number | null;
  /** All events up to here that fit are shown, held, or older than `next`. */
  level: number;
}

/** Of shown ones while the list follows: older ones are fetched again when they are wanted. */
export const MOST_SHOWN = 5_000;
export const MOST_HELD = 2_000;

/** The first page, newest first. */
export function begun(page: EventList): Feed {
  return {
    shown: page.items,
    held: [],
    overflowed: false,
    next: page.next,
    // The page was read after its position was: it may have more.
    level: Math.max(page.position, page.items[0]?.position ?? 0),
  };
}

/** What arrived, oldest first: shown at once if the list follows, else held. */
export function heard(feed: Feed, events: readonly EventItem[], follows: boolean): Feed {
  const fresh: EventItem[] = [];
  let level = feed.level;
  for (const event of events) {
    if (event.position <= level) continue;
    level = event.position;
    fresh.push(event);
  }
  if (fresh.length === 0 && !(follows && feed.held.length > 0)) return feed;
  const held = feed.overflowed ? [] : [...fresh.reverse(), ...feed.held];
  if (feed.overflowed || held.length > MOST_HELD) return { ...feed, held: [], overflowed: true, level };
  const arrived = { ...feed, held, level };
  return follows ? revealed(arrived) : arrived;
}

/** Show what is held. (After an overflow the list is asked for anew instead.) */
export function revealed(feed: Feed): Feed {
  if (feed.held.length === 0) return feed;
  const all = [...feed.held, ...feed.shown];
  if (all.length <= MOST_SHOWN) return { ...feed, shown: all, held: [] };
  const shown = all.slice(0, MOST_SHOWN);
  return { ...feed, shown, held: [], next: shown.at(-1)?.position ?? null };
}

/** The page of older ones that was asked for `before`; one that came too late is dropped. */
export function extended(feed: Feed, page: EventList, before: number): Feed {
  if (feed.next !== before) return feed;
  const last = feed.shown.at(-1)?.position ?? Infinity;
  const older = page.items.filter((event) => event.position < last);
  return { ...feed, shown: [...feed.shown, ...older], next: page.next };
}

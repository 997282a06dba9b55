/** The events that fit filters: pages of older ones, and the live tail. */

import { useCallback, useEffect, useRef, useState } from "react";
import { get, Problem, query } from "../api/client.ts";
import { live, useLive } from "../api/live.ts";
import type { EventItem, EventList } from "../api/query.ts";
import { begun, extended, heard, revealed, type Feed } from "./feed.ts";
import { listParams, streamParams, takes, type Filters } from "./filters.ts";

const PAGE = 100;
/** Bursts are shown together, so that thousands a second leave the page calm. */
const GATHER_MS = 150;
const AWAY_MS = 1500;

export interface Feeding {
  feed: Feed | undefined;
  problem: Problem | undefined;
  /** Whether more can arrive. */
  open: boolean;
  older: () => void;
  /** Show what was held. */
  reveal: () => void;
  again: () => void;
}

/**
 * For one set of filters: a component that uses it gets them as its `key`. More than can be
 * held begins anew: `restart` has to give the component another key.
 */
export function useFeed(filters: Filters, run: string | null, follows: boolean, restart: () => void): Feeding {
  const [feed, setFeed] = useState<Feed>();
  const [problem, setProblem] = useState<Problem>();
  const following = streamParams(filters, run);
  const asked = useRef({ filters, run }).current;
  const wished = useRef(follows);
  wished.current = follows;
  const busy = useRef<AbortController | null>(null);

  const ask = useCallback(
    async (before: number | null) => {
      const abort = (busy.current = new AbortController());
      try {
        const params = { ...listParams(asked.filters, asked.run), limit: PAGE, before };
        const page = await get<EventList>(`/events${query(params)}`, abort.signal);
        setProblem(undefined);
        setFeed((known) => (before === null ? begun(page) : known && extended(known, page, before)));
      } catch (error) {
        if (!abort.signal.aborted) setProblem(error instanceof Problem ? error : new Problem(0, "Error", String(error)));
      } finally {
        if (busy.current === abort) busy.current = null;
      }
    },
    [asked],
  );

  useEffect(() => {
    void ask(null);
    return () => busy.current?.abort();
  }, [ask]);

  useEffect(() => {
    if (feed !== undefined || !problem?.away) return;
    const timer = setTimeout(() => void ask(null), AWAY_MS);
    return () => clearTimeout(timer);
  }, [feed, problem, ask]);

  useLive(following ?? {}, following === null ? undefined : feed?.level);
  useEffect(() => {
    let gathered: EventItem[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = live.onEvents((events) => {
      gathered.push(...events.filter((event) => takes(asked.filters, asked.run, event)));
      if (gathered.length > 0) timer ??= setTimeout(hand, GATHER_MS);
    });
    function hand() {
      timer = undefined;
      const events = gathered;
      gathered = [];
      setFeed((known) => known && heard(known, events, wished.current));
    }
    return () => {
      end();
      clearTimeout(timer);
    };
  }, [asked]);

  const overflowed = feed?.overflowed ?? false;
  const reveal = useCallback(() => {
    if (overflowed) restart();
    else setFeed((known) => known && revealed(known));
  }, [overflowed, restart]);
  // Back at the top, or no longer paused: what was held is shown.
  useEffect(() => {
    if (follows) reveal();
  }, [follows, reveal]);

  const next = feed?.next ?? null;
  const older = useCallback(() => {
    if (next !== null && busy.current === null) void ask(next);
  }, [next, ask]);
  const again = useCallback(() => void ask(feed === undefined ? null : next), [ask, feed, next]);
  return { feed, problem, open: following !== null, older, reveal, again };
}

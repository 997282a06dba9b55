import { useCallback, useEffect, useRef, useState } from "react";
import { get, Problem, query } from "../api/client.ts";
import { live } from "../api/live.ts";
import type { EventItem, EventList } from "../api/query.ts";

export interface RunEvents {
  /** The newest first. */
  events: EventItem[];
  /** There are older ones. */
  more: boolean;
  problem: Problem | undefined;
  loading: boolean;
  older: () => void;
}

const PAGE = 100;

/** A run's events by pages, and those that happen meanwhile, from the live stream. */
export function useRunEvents(runId: string, topic: string): RunEvents {
  const [events, setEvents] = useState<EventItem[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem>();
  const [loading, setLoading] = useState(true);

  const merge = useCallback((found: EventItem[]) => {
    setEvents((before) => {
      const byPosition = new Map([...before, ...found].map((event) => [event.position, event]));
      return [...byPosition.values()].sort((one, other) => other.position - one.position);
    });
  }, []);

  const busy = useRef<AbortController | null>(null);
  const ask = useCallback(async (before: number | null) => {
    const { signal } = (busy.current = new AbortController());
    setLoading(true);
    try {
      const page = await get<EventList>(`/runs/${runId}/events${query({ before, limit: PAGE, topic })}`, signal);
      if (signal.aborted) return;
      merge(page.items);
      setNext(page.next);
      setProblem(undefined);
    } catch (error) {
      if (signal.aborted) return;
      setProblem(error instanceof Problem ? error : new Problem(0, "Error", String(error)));
    }
    busy.current = null;
    setLoading(false);
  }, [runId, topic, merge]);

  useEffect(() => {
    setEvents([]);
    const end = live.onEvents((found) => merge(found.filter((event) => event.run_id === runId && event.topic.startsWith(topic))));
    void ask(null);
    return () => {
      busy.current?.abort();
      end();
    };
  }, [ask, merge, runId, topic]);

  return { events, more: next !== null, problem, loading, older: () => void (busy.current ?? ask(next)) };
}

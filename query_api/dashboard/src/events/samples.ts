/** Made-up events for tests. */

import type { EventItem, EventList } from "../api/query.ts";

export function event(position: number, more: Partial<EventItem> = {}): EventItem {
  return {
    position,
    stream_id: "01890000-0000-7000-8000-000000000001",
    version: position,
    run_id: "01890000-0000-7000-8000-000000000001",
    workflow: "pages",
    number: 1,
    topic: "run.started",
    summary: "The run started",
    event_id: `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`,
    actor: "ada",
    recorded_by: "ada",
    occurred_at: "2026-11-01T12:00:00Z",
    recorded_at: "2026-11-01T12:00:00Z",
    correlation_id: null,
    causation_id: null,
    trace: null,
    data: {},
    ...more,
  };
}

/** Events of these positions, in this order. */
export function events(...positions: number[]): EventItem[] {
  return positions.map((position) => event(position));
}

export function page(items: EventItem[], next: number | null, position: number): EventList {
  return { items, next, position, stale: false, order: "descending" };
}

/** How an event is shown: the mark of the state that it tells of, and its time. */

import type { EventItem } from "../api/query.ts";
import { clock, moment } from "../core/format.ts";

const STATES: Record<string, string> = {
  created: "created",
  registered: "created",
  queued: "queued",
  requeued: "queued",
  retry_scheduled: "queued",
  started: "running",
  leased: "running",
  continued: "running",
  completed: "completed",
  succeeded: "completed",
  failed: "failed",
  attempt_failed: "failed",
  timed_out: "failed",
  lost: "lost",
  attempt_lost: "lost",
  expired: "failed",
  canceled: "canceled",
  withdrawn: "withdrawn",
  released: "released",
  reset: "reset",
  rejected: "rejected",
  requested: "waiting_for_approval",
  paused: "paused",
};

/** The state that an event tells of; a dot where it tells of none. */
export function stateOf(event: Pick<EventItem, "topic" | "data">): string {
  const word = event.topic.slice(event.topic.lastIndexOf(".") + 1);
  if (word !== "decided") return STATES[word] ?? "not_started";
  return (event.data as { decision?: unknown } | null)?.decision === "rejected" ? "rejected" : "approved";
}

/** `12:00:00.123` of today, else `2026-11-01 12:00:00`. */
export function stamp(at: string, now = Date.now()): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock(at, true) : moment(at);
}

/** Whether it is told of later than it happened, by enough for people to care. */
export function toldLater(event: EventItem): boolean {
  return Math.abs(Date.parse(event.recorded_at) - Date.parse(event.occurred_at)) >= 1000;
}

/** `ada`, `ada, by ci`: who did it, and who reported it. */
export function actorOf(one: { actor: string; recorded_by: string }): string {
  return one.recorded_by === one.actor ? one.actor : `${one.actor}, by ${one.recorded_by}`;
}

/** What a page calls the stream of an event. */
export function streamName(event: EventItem): string {
  if (event.workflow === null) return "";
  return event.number === null ? event.workflow : `${event.workflow}#${event.number}`;
}

import type { EventItem } from "../api/query.ts";
import { never, useAnswer, type Answered } from "../api/useAnswer.ts";

/** The event at a position. It is there for good and never changes. */
export function useEvent(position: number | null): Answered<EventItem> {
  return useAnswer<EventItem>(position === null ? null : `/events/${position}`, { relevant: never });
}

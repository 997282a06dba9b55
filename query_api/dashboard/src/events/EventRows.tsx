import { useCallback, useState } from "react";
import type { EventItem } from "../api/query.ts";
import { EventLine } from "./EventLine.tsx";
import { RawEvent } from "./RawEvent.tsx";
import "./events.css";

interface Props {
  events: readonly EventItem[];
  /** Whose event it is, too. */
  showRun?: boolean;
  /** The one that stands out. */
  current?: number;
  label?: string;
}

/** Events as sentences with time, actor and topic, and the raw event behind each on demand. */
export function EventRows({ events, showRun = false, current, label = "Events" }: Props) {
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((event: EventItem) => {
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(event.position)) after.add(event.position);
      return after;
    });
  }, []);
  return (
    <ol className="event-rows" aria-label={label}>
      {events.map((event) => {
        const open = opened.has(event.position);
        return (
          <li key={event.position} className={open ? "event-opened" : undefined}
            aria-current={event.position === current || undefined}>
            <EventLine event={event} showRun={showRun} opened={open} onOpen={toggle} />
            {open && <RawEvent event={event} />}
          </li>
        );
      })}
    </ol>
  );
}

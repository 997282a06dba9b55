import { memo } from "react";
import type { EventItem } from "../api/query.ts";
import { moment } from "../core/format.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { to } from "../route.ts";
import { actorOf, stamp, stateOf, toldLater } from "./looks.ts";
import { RunLink } from "./RunLink.tsx";

interface Props {
  event: EventItem;
  showRun: boolean;
  opened: boolean;
  onOpen: (event: EventItem) => void;
}

/** One event in one line; its sentence is the button that opens it. */
export const EventLine = memo(function EventLine({ event, showRun, opened, onOpen }: Props) {
  return (
    <div className={showRun ? "event-line" : "event-line event-line-of-run"}>
      <Link className="event-position" href={to.event(event.position)} aria-label={`Event ${event.position}, by itself`}>
        {event.position}
      </Link>
      <time dateTime={event.recorded_at} title={`recorded ${moment(event.recorded_at)}`}>{stamp(event.recorded_at)}</time>
      {showRun && <span className="event-run"><RunLink event={event} /></span>}
      <span className="event-said">
        <StateMark state={stateOf(event)} />
        <button type="button" className="row-open" aria-expanded={opened} title={event.summary} onClick={() => onOpen(event)}>
          {event.summary}
        </button>
        {toldLater(event) && (
          <span className="event-occurred" title={`occurred ${moment(event.occurred_at)}, recorded ${moment(event.recorded_at)}`}>
            occurred {stamp(event.occurred_at)}
          </span>
        )}
      </span>
      <span className="event-topic" title={event.topic}>{event.topic}</span>
      <span className="event-actor" title={actorOf(event)}>{actorOf(event)}</span>
    </div>
  );
});

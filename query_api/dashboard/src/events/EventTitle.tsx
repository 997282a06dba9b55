import type { EventItem, EventList } from "../api/query.ts";
import { query } from "../api/client.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { moment } from "../core/format.ts";
import { Copy } from "../parts/Copy.tsx";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import { actorOf, stateOf, streamName } from "./looks.ts";
import { RunLink } from "./RunLink.tsx";

/** The sentence, and the ways on from it: before and after it in its run, the run as it was then. */
export function EventTitle({ event }: { event: EventItem }) {
  const name = streamName(event);
  return (
    <header className="event-head">
      <p className="quiet-text">
        Event {event.position} of <RunLink event={event} />, by {actorOf(event)},{" "}
        {moment(event.recorded_at)} (<When at={event.recorded_at} />)
      </p>
      <h1><StateMark state={stateOf(event)} /> {event.summary}</h1>
      <nav className="event-steps" aria-label="From this event">
        <Neighbour event={event} way="before" />
        <Neighbour event={event} way="after" />
        {event.workflow !== null && event.number !== null && (
          <Link href={`${to.run(event.workflow, event.number)}?version=${event.version}`}>{name} as it was then</Link>
        )}
        <Link href={to.events(query({ run: name.includes("#") ? name : event.stream_id, open: event.position }).slice(1))}>
          All events of {name || "its stream"}
        </Link>
        <Copy text={location.origin + to.event(event.position)} label="Copy link" />
      </nav>
    </header>
  );
}

/** The event before or after it in its own stream. */
function Neighbour({ event, way }: { event: EventItem; way: "before" | "after" }) {
  const params = query({ run: event.stream_id, [way]: event.position, limit: 1 });
  const asked = useAnswer<EventList>(`/events${params}`, { relevant: never, asOfNow: true });
  const found = asked.data?.items[0];
  const word = way === "before" ? "← Before it" : "After it →";
  if (found === undefined)
    return <span className="quiet-text">{asked.data === undefined ? word : way === "before" ? "The first of its stream" : "The last of its stream"}</span>;
  return <Link href={to.event(found.position)} title={found.summary}>{word}</Link>;
}

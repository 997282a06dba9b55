import type { ReactNode } from "react";
import type { EventItem } from "../api/query.ts";
import { duration, moment } from "../core/format.ts";
import { Copy } from "../parts/Copy.tsx";
import { Link } from "../parts/Link.tsx";
import { Tree } from "../parts/Tree.tsx";
import { to } from "../route.ts";
import { toldLater } from "./looks.ts";
import { RunLink } from "./RunLink.tsx";

/** An event as it is stored: what is around it, its data as a tree, and all of it to copy. */
export function RawEvent({ event }: { event: EventItem }) {
  return (
    <div className="event-raw">
      <dl className="event-facts">
        <Fact name="Topic"><By name="topic" value={event.topic} /></Fact>
        <Fact name="Of"><RunLink event={event} />, version {event.version}</Fact>
        <Fact name="Actor"><By name="actor" value={event.actor} /></Fact>
        {event.recorded_by !== event.actor && <Fact name="Recorded by">{event.recorded_by}</Fact>}
        <Fact name="Recorded"><Moment at={event.recorded_at} /></Fact>
        <Fact name="Occurred">
          <Moment at={event.occurred_at} />
          {toldLater(event) && <span className="quiet-text"> ({between(event)})</span>}
        </Fact>
        {event.correlation_id && <Fact name="Correlation"><By name="correlation" value={event.correlation_id} /></Fact>}
        {event.causation_id && <Fact name="Causation"><By name="causation" value={event.causation_id} /></Fact>}
        {event.trace && <Fact name="Trace"><code>{event.trace}</code></Fact>}
        <Fact name="Id"><code>{event.event_id}</code></Fact>
      </dl>
      <div className="event-data">
        <div className="event-data-head">
          <strong>Data</strong>
          <Copy text={JSON.stringify(event, null, 2)} label="Copy as JSON" />
        </div>
        <Tree value={event.data} open={3} />
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A value that leads to all events that share it. */
function By({ name, value }: { name: string; value: string }) {
  return (
    <Link href={to.events(new URLSearchParams({ [name]: value }).toString())} title={`All events with this ${name}`}>
      {value}
    </Link>
  );
}

function Moment({ at }: { at: string }) {
  const millis = String(new Date(at).getMilliseconds()).padStart(3, "0");
  return <time dateTime={at} title={at}>{moment(at)}.{millis}</time>;
}

function between(event: EventItem): string {
  const seconds = (Date.parse(event.recorded_at) - Date.parse(event.occurred_at)) / 1000;
  return `${duration(Math.abs(seconds))} ${seconds > 0 ? "before it was recorded" : "after it was recorded, by its source's clock"}`;
}

import type { EventItem, EventList } from "../api/query.ts";
import { query } from "../api/client.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { to } from "../route.ts";
import { EventRows } from "./EventRows.tsx";

const MOST = 50;
const AROUND = 5;

/** Why it happened and what came of it: by cause, by request, and in its stream. */
export function CausalChain({ event }: { event: EventItem }) {
  return (
    <div className="event-chain">
      {event.causation_id !== null && <Cause event={event} cause={event.causation_id} />}
      <Found title="What it caused" params={{ causation: event.event_id }} event={event} after={event.position}
        nothing="No event names this one as its cause." />
      {event.correlation_id !== null && (
        <Found title="Of the same request" params={{ correlation: event.correlation_id }} event={event} />
      )}
      <Around event={event} />
    </div>
  );
}

/** What it names as its cause: an event of the same request, or something of the caller's. */
function Cause({ event, cause }: { event: EventItem; cause: string }) {
  const request = query({ correlation: event.correlation_id, before: event.position, limit: 1000 });
  const asked = useAnswer<EventList>(event.correlation_id === null ? null : `/events${request}`, { relevant: never, asOfNow: true });
  const found = asked.data?.items.find((one) => one.event_id === cause);
  return (
    <section aria-label="What caused it">
      <h2>What caused it</h2>
      {found ? <EventRows events={[found]} showRun label="What caused it" /> : (
        <p className="quiet-text">
          <code>{cause}</code>, as whoever sent the command told.{" "}
          <Link href={to.events(`causation=${cause}`)}>All that names it</Link>
        </p>
      )}
    </section>
  );
}

interface FoundProps {
  title: string;
  params: Record<string, string>;
  event: EventItem;
  /** None of them stands before this position: no index helps to find them. */
  after?: number;
  nothing?: string;
}

function Found({ title, params, event, after = 0, nothing = "Nothing." }: FoundProps) {
  const asked = useAnswer<EventList>(`/events${query({ ...params, after, limit: MOST })}`, { relevant: never, asOfNow: true });
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      <Shown of={asked}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? <p className="quiet-text">{nothing}</p>
            : <EventRows events={items} showRun current={event.position} label={title} />}
            {next !== null && <p><Link href={to.events(query(params).slice(1))}>All of them</Link></p>}
          </>
        )}
      </Shown>
    </section>
  );
}

/** What stands before and after it in its run. */
function Around({ event }: { event: EventItem }) {
  const of = (params: object) => `/events${query({ run: event.stream_id, limit: AROUND, ...params })}`;
  const before = useAnswer<EventList>(of({ before: event.position }), { relevant: never, asOfNow: true });
  const after = useAnswer<EventList>(of({ after: event.position }), { relevant: never, asOfNow: true });
  const earlier = [...(before.data?.items ?? [])].reverse();
  return (
    <section aria-label="Around it">
      <h2>Around it in its stream</h2>
      <EventRows events={[...earlier, event, ...(after.data?.items ?? [])]} current={event.position} label="Around it" />
    </section>
  );
}

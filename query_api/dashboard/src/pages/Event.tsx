import { CausalChain } from "../events/CausalChain.tsx";
import { EventTitle } from "../events/EventTitle.tsx";
import { RawEvent } from "../events/RawEvent.tsx";
import { useEvent } from "../events/useEvent.ts";
import { Empty } from "../parts/Empty.tsx";
import { useTitle } from "../parts/Frame.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { to } from "../route.ts";
import "../events/events.css";

/** One event at its own address, which never changes. */
export function Event({ position }: { position: number }) {
  useTitle(`Event ${position}`);
  const known = Number.isSafeInteger(position) && position > 0;
  const found = useEvent(known ? position : null);
  if (!known || found.problem?.status === 404) {
    return (
      <Empty title="There is no such event here">
        <p>Events of all namespaces share one count, so a position may belong to another one.</p>
        <p><Link href={to.events()}>All events of this namespace</Link></p>
      </Empty>
    );
  }
  return (
    <Shown of={found}>
      {(event) => (
        <>
          <EventTitle event={event} />
          <div className="event-page">
            <section aria-label="The event as it is stored">
              <RawEvent event={event} />
            </section>
            <CausalChain event={event} />
          </div>
        </>
      )}
    </Shown>
  );
}

import type { EventItem } from "../api/query.ts";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { StateMark } from "../parts/State.tsx";
import { to } from "../route.ts";
import { stateOf } from "./looks.ts";
import { RawEvent } from "./RawEvent.tsx";
import { useEvent } from "./useEvent.ts";

interface Props {
  position: number;
  /** Itself, where the list has it. */
  known: EventItem | undefined;
  onClose: () => void;
}

/** One event beside the list. */
export function OpenEvent({ position, known, onClose }: Props) {
  const asked = useEvent(known === undefined ? position : null);
  const found = known === undefined ? asked : { ...asked, data: known, problem: undefined };
  return (
    <aside className="event-open" aria-label={`Event ${position}`}>
      <header>
        <Link href={to.event(position)}>Event {position}, by itself</Link>
        <button type="button" className="small quiet" onClick={onClose}>Close</button>
      </header>
      <Shown of={found}>
        {(event) => (
          <>
            <h2><StateMark state={stateOf(event)} /> {event.summary}</h2>
            <RawEvent event={event} />
          </>
        )}
      </Shown>
    </aside>
  );
}

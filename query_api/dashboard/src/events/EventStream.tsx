import { useCallback, useEffect, useRef, useState } from "react";
import type { EventItem } from "../api/query.ts";
import { count, counted } from "../core/format.ts";
import { Empty } from "../parts/Empty.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { setParams } from "../route.ts";
import { EventLine } from "./EventLine.tsx";
import { anyFilter, type Filters } from "./filters.ts";
import { OpenEvent } from "./OpenEvent.tsx";
import { Rows, type RowsHandle } from "./Rows.tsx";
import { useFeed } from "./useFeed.ts";

interface Props {
  filters: Filters;
  /** Id of the run that they name. */
  run: string | null;
  /** Position of the event that is open beside the list. */
  opened: number | null;
  restart: () => void;
}

const keyOf = (event: EventItem) => event.position;

/** Opens an event beside the list; the open one is closed. */
function open(event: EventItem): void {
  const now = new URLSearchParams(location.search).get("open");
  setParams({ open: now === String(event.position) ? null : event.position });
}

/** The stream: newest on top, following until somebody scrolls away or pauses. */
export function EventStream({ filters, run, opened, restart }: Props) {
  const [paused, setPaused] = useState(false);
  const [atTop, setAtTop] = useState(true);
  const { feed, problem, open: more, older, reveal, again } = useFeed(filters, run, atTop && !paused, restart);
  const rows = useRef<RowsHandle>(null);
  const close = useCallback(() => setParams({ open: null }), []);
  const waiting = feed?.overflowed ? "Many new events: show the newest" : `${counted(feed?.held.length ?? 0, "new event")}`;

  useEffect(() => {
    if (opened === null) return;
    const pressed = (event: KeyboardEvent) => event.key === "Escape" && !document.querySelector("dialog[open]") && close();
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [opened, close]);

  if (feed === undefined) return problem ? <ProblemNote problem={problem} onRetry={again} /> : <Waiting />;
  const shownOne = feed.shown.find((event) => event.position === opened);
  return (
    <>
      <div className="event-bar">
        <span className="quiet-text" role="status">
          {!more ? "This span is over: it does not change."
          : paused ? "Paused: new events wait."
          : atTop ? "Following: new events come on top."
          : "New events wait while you read further down."}
        </span>
        {(feed.held.length > 0 || feed.overflowed) && (
          <button type="button" className="small primary" onClick={() => {
            reveal();
            rows.current?.toTop();
          }}>
            {waiting}
          </button>
        )}
        {more && (
          <button type="button" className="small" aria-pressed={paused} onClick={() => setPaused(!paused)}>
            {paused ? "Resume" : "Pause"}
          </button>
        )}
        <span className="hint event-keys"><kbd>j</kbd> <kbd>k</kbd> down, up · <kbd>Enter</kbd> opens</span>
      </div>
      <div className={opened === null ? "event-split" : "event-split event-split-open"}>
        {feed.shown.length === 0 ? (
          <Empty title={anyFilter(filters) ? "No event fits these filters" : "Nothing has happened yet"}>
            <p>{more ? "One that comes now is shown at once." : "Choose another span."}</p>
          </Empty>
        ) : (
          <Rows ref={rows} label="Events, newest first" items={feed.shown} keyOf={keyOf} opened={opened}
            onTop={setAtTop} onEnd={older}
            row={(event) => <EventLine event={event} showRun opened={event.position === opened} onOpen={open} />}
            foot={
              <div className="rows-foot">
                {problem ? <ProblemNote problem={problem} onRetry={again} />
                : feed.next !== null ? "Loading older ones…"
                : `That is all: ${count(feed.shown.length)} of them.`}
              </div>
            } />
        )}
        {opened !== null && <OpenEvent key={opened} position={opened} known={shownOne} onClose={close} />}
      </div>
    </>
  );
}

import { useState } from "react";
import { useMay } from "../api/session.ts";
import { useTitle } from "../parts/Frame.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { Tabs } from "../parts/Tabs.tsx";
import { usePlace } from "../route.ts";
import { EventStream } from "../events/EventStream.tsx";
import { FilterBar } from "../events/FilterBar.tsx";
import { anyFilter, filtersOf } from "../events/filters.ts";
import { RefusedCommands } from "../events/RefusedCommands.tsx";
import { useRunId } from "../events/useRunId.ts";
import "../events/events.css";

/** All that happened, live; and beside it what was refused. */
export function Events() {
  useTitle("Events");
  const { params } = usePlace();
  const [restarts, setRestarts] = useState(0);
  const [restart] = useState(() => () => setRestarts((before) => before + 1));
  const filters = filtersOf(params);
  const auditor = useMay("auditor");
  const run = useRunId(filters.run);
  // Of one run everybody may see what was refused, of all runs those who audit.
  const mayRefusals = auditor || filters.run !== "";
  const refusals = mayRefusals && params.get("show") === "refusals";
  const opened = params.get("open");
  const code = params.get("code") ?? "";

  return (
    <div className="events-page">
      <div className="page-head">
        <h1>Events</h1>
        {mayRefusals && (
          <Tabs label="What is shown" param="show" current={refusals ? "refusals" : "events"}
            tabs={[{ id: "events", title: "Events" }, { id: "refusals", title: "Refused commands" }]} />
        )}
      </div>
      <FilterBar filters={filters} any={anyFilter(filters) || code !== ""} refusals={refusals} auditor={auditor} code={code} />
      {run.problem ? <ProblemNote problem={run.problem} />
      : run.id === undefined ? <Waiting />
      : refusals ? (
        <RefusedCommands key={run.id} run={run.id} auditor={auditor} actor={filters.actor} code={code} opened={opened} />
      ) : (
        <EventStream key={JSON.stringify([filters, run.id, restarts])} filters={filters} run={run.id} restart={restart}
          opened={opened !== null && /^\d+$/.test(opened) ? Number(opened) : null} />
      )}
    </div>
  );
}

import type { RefusalList, RunAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { EventRows } from "../events/EventRows.tsx";
import { ProblemNote, Shown, Waiting } from "../parts/Problem.tsx";
import { When } from "../parts/Time.tsx";
import { setParams, usePlace } from "../route.ts";
import { useRunEvents } from "./useRunEvents.ts";

const KINDS = [
  ["", "everything"],
  ["run.step.", "steps"],
  ["run.job.", "jobs"],
  ["run.approval.", "approvals"],
];

/** What happened to the run, and what was refused. */
export function EventsTab({ run }: { run: RunAnswer }) {
  const { params } = usePlace();
  const topic = params.get("topic") ?? "";
  const { events, more, problem, loading, older } = useRunEvents(run.run_id, topic);
  return (
    <div className="run-events">
      <section aria-label="Events">
        <p className="run-bar">
          <select aria-label="Which events" value={topic} onChange={(event) => setParams({ topic: event.target.value })}>
            {KINDS.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
          </select>
        </p>
        {problem && <ProblemNote problem={problem} onRetry={older} />}
        {loading && events.length === 0 ? <Waiting /> : <EventRows events={events} showRun={false} />}
        {more && <button type="button" aria-busy={loading} onClick={older}>Older events</button>}
      </section>
      <Refusals runId={run.run_id} />
    </div>
  );
}

function Refusals({ runId }: { runId: string }) {
  const answer = useAnswer<RefusalList>(`/runs/${runId}/refusals?limit=100`, { asOfNow: true });
  return (
    <section className="run-refusals" aria-label="Refused commands">
      <h2>Refused commands</h2>
      <Shown of={answer}>{({ items }) => items.length === 0 ? <p className="quiet-text">None.</p> : (
        <ul>
          {items.map((one) => (
            <li key={one.id}>
              <strong>{one.command}</strong> by {one.actor} <span className="quiet-text"><When at={one.recorded_at} /></span>
              <p>{one.message} <code className="quiet-text">{one.code}</code></p>
            </li>
          ))}
        </ul>
      )}</Shown>
    </section>
  );
}

import { useState } from "react";
import { useMay } from "../api/session.ts";
import type { RunList, RunSummary, WorkflowAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { StartRunDialog } from "../actions/StartRunDialog.tsx";
import { count } from "../core/format.ts";
import { RUN_LOOKS, RUN_STATES } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel, StateMark } from "../parts/State.tsx";
import { Lasting } from "../parts/Time.tsx";
import { to } from "../route.ts";

const OPEN = ["running", "waiting_for_approval", "paused", "queued", "created"] as const;
const SHOWN = 3;

/** Name, version, what it is for, its runs by state, and what goes on now. */
export function WorkflowHead({ workflow }: { workflow: WorkflowAnswer }) {
  const [starting, setStarting] = useState(false);
  const mayStart = useMay("operator");
  const { name, definition, runs } = workflow;
  return (
    <header className="workflow-head">
      <div className="page-head">
        <h1>{name}</h1>
        <Link className="chip" href={`${to.workflow(name)}?view=versions`}>version {workflow.newest_version}</Link>
        <span className="workflow-counts">
          {RUN_STATES.filter((state) => runs[state]).map((state) => (
            <Link key={state} href={to.runs(`workflow=${encodeURIComponent(name)}&state=${state}`)}>
              <StateMark state={state} /> {count(runs[state] ?? 0)} {RUN_LOOKS[state].word}
            </Link>
          ))}
        </span>
        {mayStart && (
          <div className="actions">
            <button type="button" className="primary" onClick={() => setStarting(true)}>Start a run</button>
          </div>
        )}
      </div>
      {definition.description && <p className="quiet-text workflow-description">{definition.description}</p>}
      <Current name={name} open={OPEN.reduce((sum, state) => sum + (runs[state] ?? 0), 0)} />
      {starting && <StartRunDialog workflow={name} onClose={() => setStarting(false)} />}
    </header>
  );
}

/** The runs that are not over, in words. Its height does not change with them. */
function Current({ name, open }: { name: string; open: number }) {
  const states = OPEN.map((state) => `state=${state}`).join("&");
  const found = useAnswer<RunList>(`/runs?workflow=${encodeURIComponent(name)}&${states}&limit=${SHOWN}`);
  const items = found.data?.items ?? [];
  const more = open - items.length;
  return (
    <p className="workflow-now">
      {items.length === 0 ? <span className="quiet-text">{found.data ? "Nothing goes on now." : " "}</span> : items.map((run) => <Now key={run.run_id} run={run} />)}
      {more > 0 && items.length > 0 && <Link href={to.runs(`workflow=${encodeURIComponent(name)}&${states}`)}>and {count(more)} more</Link>}
    </p>
  );
}

function Now({ run }: { run: RunSummary }) {
  const steps = run.active_steps.slice(0, 2).join(", ") + (run.active_steps.length > 2 ? ", …" : "");
  return (
    <span className="workflow-run">
      <Link href={to.run(run.workflow, run.number)}>#{run.number}</Link> <StateLabel state={run.state} />
      {steps && `: ${steps}`} <span className="quiet-text">for <Lasting from={run.changed_at} /></span>
    </span>
  );
}

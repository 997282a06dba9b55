import { memo } from "react";
import type { WorkflowSummary } from "../api/query.ts";
import { count, counted, duration } from "../core/format.ts";
import { lookOf, RUN_STATES } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel, StateMark } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import { HealthStrip } from "./HealthStrip.tsx";

export function WorkflowsHead({ mayStart }: { mayStart: boolean }) {
  return (
    <tr>
      <th className="workflows-name" scope="col">Workflow</th>
      <th className="workflows-health" scope="col">Last 30 runs, the newest at the right</th>
      <th className="workflows-counts" scope="col">Runs by state</th>
      <th className="workflows-last" scope="col">Last run</th>
      <th className="workflows-version" scope="col">Version</th>
      {mayStart && <th className="workflows-start" scope="col"><span className="unseen">Start</span></th>}
    </tr>
  );
}

interface Props {
  workflow: WorkflowSummary;
  index: number;
  mayStart: boolean;
  onStart: (name: string) => void;
}

/** A workflow of the list: how its runs have gone, and how the last one stands. */
export const WorkflowRow = memo(function WorkflowRow({ workflow, index, mayStart, onStart }: Props) {
  const { name, runs, recent } = workflow;
  const last = recent[0];
  return (
    <tr aria-rowindex={index + 2}>
      <th className="workflows-name" scope="row">
        <Link href={to.workflow(name)} title={name}>{name}</Link>
        <div className="hint">{counted(workflow.step_count, "step")}</div>
      </th>
      <td className="workflows-health"><HealthStrip workflow={name} recent={recent} /></td>
      <td className="workflows-counts">
        <span className="workflows-chips">
          {RUN_STATES.filter((state) => (runs[state] ?? 0) > 0).map((state) => (
            <Link key={state} className="chip" href={to.runs(new URLSearchParams({ workflow: name, state }).toString())}
              title={`${count(runs[state] ?? 0)} ${lookOf(state).word}`} aria-label={`${count(runs[state] ?? 0)} ${lookOf(state).word}`}>
              <StateMark state={state} />{count(runs[state] ?? 0)}
            </Link>
          ))}
        </span>
      </td>
      <td className="workflows-last">
        {last && (
          <>
            <Link href={to.run(name, last.number)}><StateLabel state={last.state} /></Link>
            <div className="hint"><When at={last.created_at} />{last.duration_s !== null && `, took ${duration(last.duration_s)}`}</div>
          </>
        )}
      </td>
      <td className="workflows-version">
        {workflow.version}
        <div className="hint" title={`Registered by ${workflow.registered_by}`}><When at={workflow.registered_at} /></div>
      </td>
      {mayStart && (
        <td className="workflows-start">
          <button type="button" className="small" aria-label={`Start a run of ${name}`} onClick={() => onStart(name)}>Start</button>
        </td>
      )}
    </tr>
  );
});

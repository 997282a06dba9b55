import type { RunList, RunSummary } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, When } from "../parts/Time.tsx";
import { to } from "../route.ts";

const SHOWN = 50;

/** The last runs in a list; all of them, with filters, are a link away. */
export function RunsTab({ workflow }: { workflow: string }) {
  const runs = useAnswer<RunList>(`/runs?workflow=${encodeURIComponent(workflow)}&limit=${SHOWN}`);
  const all = to.runs(`workflow=${encodeURIComponent(workflow)}`);
  return (
    <Shown of={runs}>
      {({ items }) => items.length === 0 ? <Empty title="No runs yet"><pre>runledger start {workflow}</pre></Empty> : (
        <>
          <p><Link href={all}>All runs, with filters and actions on many</Link></p>
          <div className="workflow-scroll" tabIndex={0} role="region" aria-label="The last runs">
            <table className="workflow-runs">
              <thead>
                <tr><th>Run</th><th>State</th><th>Created</th><th>By</th><th className="number">Took</th><th>Version</th><th>Because</th></tr>
              </thead>
              <tbody>{items.map((run) => <Row key={run.run_id} run={run} />)}</tbody>
            </table>
          </div>
        </>
      )}
    </Shown>
  );
}

function Row({ run }: { run: RunSummary }) {
  return (
    <tr>
      <th scope="row"><Link href={to.run(run.workflow, run.number)}>#{run.number}</Link></th>
      <td><StateLabel state={run.state} /></td>
      <td><When at={run.created_at} /></td>
      <td>{run.created_by}</td>
      <td className="number"><Lasting from={run.created_at} to={run.ended_at} /></td>
      <td>{run.workflow_version}{run.retry_of !== null && <span className="quiet-text"> · a retry</span>}</td>
      <td className="workflow-cause">{whyEnded(run)}</td>
    </tr>
  );
}

/** `load: Timeout: no answer`, what is active, or nothing where all went well. */
function whyEnded(run: RunSummary): string {
  if (run.state === "completed") return "";
  const { cause } = run;
  if (cause === null) return run.active_steps.join(", ");
  const what = cause.error?.message || cause.reason || (cause.actor && `by ${cause.actor}`);
  return [cause.step, what].filter(Boolean).join(": ");
}

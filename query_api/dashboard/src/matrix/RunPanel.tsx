import type { Link as Chained, RunAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { duration } from "../core/format.ts";
import { STEP_STATES } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";

interface Props {
  workflow: string;
  number: number;
  onClose: () => void;
}

/** A run in short, beside the matrix; all of it is a link away. */
export function RunPanel({ workflow, number, onClose }: Props) {
  const run = useAnswer<RunAnswer>(`/workflows/${encodeURIComponent(workflow)}/runs/${number}`, {
    relevant: (event) => event.number === number,
  });
  return (
    <section className="matrix-run" aria-label={`Run ${number}`}>
      <header>
        <h2><Link href={to.run(workflow, number)}>{workflow}#{number}</Link></h2>
        <button type="button" className="quiet small" onClick={onClose} aria-label="Close">✕</button>
      </header>
      <Shown of={run}>{(data) => <RunFacts run={data} />}</Shown>
    </section>
  );
}

function RunFacts({ run }: { run: RunAnswer }) {
  const failed = run.steps.filter((step) => step.state === "failed" || step.state === "rejected");
  return (
    <>
      <p><StateLabel state={run.state} /> {duration(run.duration_s)}</p>
      <p>{run.explanation}</p>
      <dl className="matrix-facts">
        <dt>Created</dt><dd><When at={run.created_at} /> by {run.created_by}</dd>
        <dt>Version</dt><dd>{run.workflow_version}</dd>
        {run.lineage.retry_of && <><dt>Retry of</dt><dd><Linked workflow={run.workflow} run={run.lineage.retry_of} /></dd></>}
        {run.lineage.retries.length > 0 && (
          <>
            <dt>Retried by</dt>
            <dd>{run.lineage.retries.map((one) => <Linked key={one.run_id} workflow={run.workflow} run={one} />)}</dd>
          </>
        )}
      </dl>
      <ul className="matrix-states" aria-label="Steps by state">
        {STEP_STATES.filter((state) => run.step_counts[state]).map((state) => (
          <li key={state}><StateLabel state={state} /> {run.step_counts[state]}</li>
        ))}
      </ul>
      {failed.length > 0 && (
        <ul className="matrix-failed" aria-label="Steps that failed">
          {failed.slice(0, 12).map((step) => (
            <li key={step.step}>
              <Link href={to.run(run.workflow, run.number, step.step)}><StateLabel state={step.state} word={step.step} /></Link>
              <p className="quiet-text">{step.error?.message || step.reason}</p>
            </li>
          ))}
        </ul>
      )}
      <p><Link className="button" href={to.run(run.workflow, run.number)}>Open the run</Link></p>
    </>
  );
}

/** To the same run beside the matrix: its column may be in sight. */
function Linked({ workflow, run }: { workflow: string; run: Chained }) {
  if (run.number === null) return <span className="mono">{run.run_id}</span>;
  return (
    <>
      <Link href={to.run(workflow, run.number)}>#{run.number}</Link> {run.state && <StateLabel state={run.state} />}{" "}
    </>
  );
}

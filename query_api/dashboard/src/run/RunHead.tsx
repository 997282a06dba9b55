import { RunActions } from "../actions/RunActions.tsx";
import type { RunAnswer } from "../api/query.ts";
import { isOver } from "../core/states.ts";
import { duration } from "../core/format.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, When } from "../parts/Time.tsx";
import { to, usePlace, withParams } from "../route.ts";
import { afresh } from "../step/params.ts";
import { Correlation } from "./Correlation.tsx";
import { Explanation } from "./Explanation.tsx";
import { Lineage } from "./Lineage.tsx";

/** What run this is, its state in words and why, what may be done, where it came from. */
export function RunHead({ run }: { run: RunAnswer }) {
  return (
    <header className="run-head">
      <div className="page-head">
        <h1><Link className="run-workflow" href={to.workflow(run.workflow)}>{run.workflow}</Link>#{run.number}</h1>
        <StateLabel state={run.state} />
        {run.as_of === null && <RunActions run={run} />}
      </div>
      <Why run={run} />
      <ul className="run-facts">
        <li>created by {run.created_by} <When at={run.created_at} /></li>
        <li>{isOver(run.state) ? `took ${duration(run.duration_s)}` : <>for <span className="run-for"><Lasting from={run.created_at} to={run.as_of?.recorded_at ?? null} /></span></>}</li>
        <li>version {run.workflow_version}</li>
        {run.observed && <li>observed{run.source && `, told by ${run.source}`}</li>}
        {run.external_id && <li>{run.external_id}</li>}
        {run.times_out_at && !isOver(run.state) && <li>times out <When at={run.times_out_at} /></li>}
        <Correlation runId={run.run_id} />
        <li><code className="run-id">{run.run_id}</code></li>
      </ul>
      <Lineage run={run} />
    </header>
  );
}

/** The state in words; where it failed, the error stands out. The step that caused it is a link. */
function Why({ run }: { run: RunAnswer }) {
  usePlace();
  const { cause } = run;
  const error = cause?.error;
  const step = cause?.step ?? (run.awaits.length === 1 ? run.awaits[0]?.step : null);
  const link = step ? { words: step, shown: <Link href={withParams({ ...afresh, step })}>{step}</Link> } : null;
  const told = !error?.message || run.explanation.includes(error.message);
  return (
    <div className={run.state === "failed" ? "run-why run-why-failed" : "run-why"}>
      <p><Explanation text={run.explanation} link={link} /></p>
      {!told && <p className="run-cause"><code>{error?.type && `${error.type}: `}{error?.message}</code></p>}
    </div>
  );
}

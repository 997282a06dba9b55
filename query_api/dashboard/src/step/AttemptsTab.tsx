import type { Attempt, StepAnswer } from "../api/query.ts";
import { clock, duration, moment } from "../core/format.ts";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, When } from "../parts/Time.tsx";
import { usePlace, withParams } from "../route.ts";

/** Every attempt and the job that carried it out, the newest first. */
export function AttemptsTab({ step }: { step: StepAnswer }) {
  usePlace();
  const waiting = step.job && !step.attempts.some((attempt) => attempt.number === step.job?.attempt) ? step.job : null;
  if (step.attempts.length === 0 && !waiting) return <p className="quiet-text">It has not been tried.</p>;
  return (
    <div className="step-table" tabIndex={0} role="region" aria-label="Attempts">
      <table>
        <thead>
          <tr>
            <th scope="col">Attempt</th><th scope="col">Outcome</th><th scope="col">Started</th><th scope="col">Took</th>
            <th scope="col">By</th><th scope="col">Job</th>
          </tr>
        </thead>
        <tbody>
          {waiting && (
            <tr>
              <th scope="row">{waiting.attempt}</th>
              <td>to come</td>
              <td>{waiting.available_at && <>from <When at={waiting.available_at} /></>}</td>
              <td />
              <td />
              <td><StateLabel state={waiting.state} /></td>
            </tr>
          )}
          {step.attempts.toReversed().map((attempt) => <Row key={attempt.number} attempt={attempt} step={step} />)}
        </tbody>
      </table>
    </div>
  );
}

function Row({ attempt, step }: { attempt: Attempt; step: StepAnswer }) {
  const { job, started_at, ended_at } = attempt;
  return (
    <tr>
      <th scope="row">
        <Link href={withParams({ attempt: attempt.number, show: "log" })}>{attempt.number}</Link>
        {step.iteration > 1 && <div className="hint">iteration {attempt.iteration}</div>}
      </th>
      <td>
        <StateLabel state={attempt.outcome} />
        {attempt.given_up && <div className="hint">{attempt.given_up === "lost" ? "lost: its worker was not heard of" : "took too long"}</div>}
        {attempt.error?.message && <div className="hint step-cut">{attempt.error.message}</div>}
        {attempt.late.length > 0 && <div className="hint">reported late: {attempt.late.join(", ")}</div>}
      </td>
      <td>{started_at ? <time dateTime={started_at} title={moment(started_at)}>{clock(started_at)}</time> : "not known"}</td>
      <td>
        {attempt.duration_s !== null ? duration(attempt.duration_s)
          : started_at !== null && ended_at === null ? <Lasting from={started_at} /> : ""}
      </td>
      <td>{job?.worker || attempt.actor}{job && job.principal !== job.worker && <div className="hint">{job.principal}</div>}</td>
      <td>
        {job ? (
          <>
            <StateLabel state={job.state} />
            {job.state === "leased" && job.lease_until && <div className="hint">lease ends <When at={job.lease_until} /></div>}
            {job.reason && <div className="hint">{job.reason}</div>}
            {job.queued_s !== null && job.queued_s >= 0.1 && <div className="hint">queued {duration(job.queued_s)}</div>}
            {job.backoff_s !== null && job.backoff_s > 0 && <div className="hint">backed off {duration(job.backoff_s)}</div>}
          </>
        ) : <span className="quiet-text">none: reported</span>}
      </td>
    </tr>
  );
}

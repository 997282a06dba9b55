import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { Job, JobList, RunAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { duration } from "../core/format.ts";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { Shown } from "../parts/Problem.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, When } from "../parts/Time.tsx";
import { usePlace, withParams } from "../route.ts";
import { afresh } from "../step/params.ts";
import { useEvery } from "./useEvery.ts";

const MOST = 500;

/** The jobs beside the run: a job's end is not the step's, so both states are told. */
export function JobsTab({ run }: { run: RunAnswer }) {
  const answer = useAnswer<JobList>(`/runs/${run.run_id}/jobs?limit=${MOST}`);
  const leased = answer.data?.items.some((job) => job.state === "leased") ?? false;
  useEvery(leased ? 3000 : null, () => void answer.refresh());
  const states = new Map(run.steps.map((step) => [step.step, step.state]));
  return (
    <Shown of={answer}>{({ items, next }) => items.length === 0 ? (
      <Empty title="No jobs"><p>{run.observed ? "An observed run is executed elsewhere." : "Steps that a service carries out and reports have none."}</p></Empty>
    ) : (
      <>
        <JobRows jobs={items} states={states} />
        {next !== null && <p className="quiet-text">The newest {MOST} are shown. Each step lists all of its own.</p>}
      </>
    )}</Shown>
  );
}

function JobRows({ jobs, states }: { jobs: Job[]; states: Map<string, string> }) {
  usePlace();
  const body = useRef<HTMLDivElement>(null);
  const virtual = useWindowVirtualizer({
    count: jobs.length, estimateSize: () => 48, overscan: 12, scrollMargin: body.current?.offsetTop ?? 0,
    getItemKey: (index) => `${jobs[index]?.step} ${jobs[index]?.attempt}`,
  });
  const items = virtual.getVirtualItems();
  const above = (items[0]?.start ?? virtual.options.scrollMargin) - virtual.options.scrollMargin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? virtual.options.scrollMargin) - virtual.options.scrollMargin);
  return (
    <div ref={body} className="run-jobs" tabIndex={0} role="region" aria-label="Jobs">
      <table aria-rowcount={jobs.length + 1}>
        <thead>
          <tr>
            <th scope="col">Step</th><th scope="col">Job</th><th scope="col">Attempt's outcome</th><th scope="col">Step now</th>
            <th scope="col">Worker</th><th scope="col" className="number">Queued</th><th scope="col" className="number">Ran</th><th scope="col">Told last</th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden="true"><td colSpan={8} style={{ height: above, padding: 0 }} /></tr>}
          {items.map((item) => {
            const job = jobs[item.index];
            return job && (
              <tr key={item.key} ref={virtual.measureElement} data-index={item.index} aria-rowindex={item.index + 2}>
                <Cells job={job} state={states.get(job.step)} />
              </tr>
            );
          })}
          {below > 0 && <tr aria-hidden="true"><td colSpan={8} style={{ height: below, padding: 0 }} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

function Cells({ job, state }: { job: Job; state: string | undefined }) {
  return (
    <>
      <th scope="row">
        <Link href={withParams({ ...afresh, step: job.step, attempt: job.attempt, show: "attempts" })}>{job.step}</Link>
        <div className="hint">attempt {job.attempt}{job.iteration > 1 && `, iteration ${job.iteration}`}</div>
      </th>
      <td><StateLabel state={job.state} />{job.reason && <div className="hint">{job.reason}</div>}</td>
      <td>{job.outcome && <StateLabel state={job.outcome} />}{job.error && <div className="hint run-cut" title={job.error}>{job.error}</div>}</td>
      <td>{state && <StateLabel state={state} />}</td>
      <td>{job.worker || <span className="quiet-text">{job.queue}</span>}{job.worker && <div className="hint">{job.principal}, {job.queue}</div>}</td>
      <td className="number">
        {job.queued_s !== null ? duration(job.queued_s) : job.state === "queued" && <Lasting from={job.queued_at} />}
        {job.backoff_s !== null && job.backoff_s > 0 && <div className="hint">and {duration(job.backoff_s)} back-off</div>}
      </td>
      <td className="number">{job.duration_s !== null ? duration(job.duration_s) : job.leased_at && !job.ended_at && <Lasting from={job.leased_at} />}</td>
      <td>
        {job.heartbeat_at && <When at={job.heartbeat_at} />}
        {job.lease_until && <div className="hint">lease ends <When at={job.lease_until} /></div>}
        {job.progress && <div className="hint">{job.progress.fraction !== null && `${Math.round(job.progress.fraction * 100)} % `}{job.progress.message}</div>}
        {job.canceling && <div className="hint">told to stop</div>}
      </td>
    </>
  );
}

import type { HeldJob, Queue, Worker, WorkerList } from "../api/query.ts";
import { count, duration } from "../core/format.ts";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { StateLabel } from "../parts/State.tsx";
import { Lasting, useNow, When } from "../parts/Time.tsx";
import { to } from "../route.ts";

/** What waits, and who serves it. */
export function Queues({ queues }: { queues: Queue[] }) {
  return (
    <section id="queues" className="system-part" aria-label="Queues">
      <h2>Queues</h2>
      {queues.length === 0 ? <p className="quiet-text">No job waits, and no worker has been heard of.</p> : (
        <div className="system-scroll">
          <table className="system-table">
            <thead>
              <tr>
                <th scope="col">Queue</th>
                <th scope="col" className="number">Queued</th>
                <th scope="col" className="number">Later</th>
                <th scope="col" className="number">Leased</th>
                <th scope="col">Oldest waits</th>
                <th scope="col" className="number">Workers</th>
                <th scope="col" className="number">Slots</th>
              </tr>
            </thead>
            <tbody>
              {queues.map((one) => (
                <tr key={one.queue}>
                  <th scope="row">{one.queue}</th>
                  <td className="number">{count(one.queued)}</td>
                  <td className="number" title="Jobs that wait for their time">{count(one.later)}</td>
                  <td className="number">{count(one.leased)}</td>
                  <td>{one.oldest ? <Lasting from={one.oldest} /> : <span className="quiet-text">–</span>}</td>
                  <td className={`number ${one.workers === 0 && one.queued > 0 ? "system-late" : ""}`}>{one.workers}</td>
                  <td className="number">{one.slots ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** Who asks for jobs, and what each has at the moment. */
export function Workers({ workers }: { workers: WorkerList }) {
  const order = workers.items.toSorted((one, other) => rank(one) - rank(other) || one.worker.localeCompare(other.worker));
  return (
    <section id="workers" className="system-part" aria-label="Workers">
      <h2>Workers</h2>
      {order.length === 0 ? (
        <Empty title="No worker has been heard of">
          <p>Steps with a queue wait until one asks for jobs: see docs/jobs.md and sdk/README.md.</p>
        </Empty>
      ) : (
        <ul className="system-workers">
          {order.map((worker) => <OneWorker key={worker.worker} worker={worker} />)}
        </ul>
      )}
      {workers.next !== null && <p className="quiet-text">These are the first; there are more.</p>}
    </section>
  );
}

/** Those that hold jobs and are gone first, then the live ones. */
function rank(worker: Worker): number {
  if (worker.state === "offline") return worker.jobs.length > 0 ? 0 : 2;
  return 1;
}

function OneWorker({ worker }: { worker: Worker }) {
  return (
    <li className={worker.state === "offline" ? "system-worker-offline" : undefined}>
      <div className="system-worker">
        <StateLabel state={worker.state === "offline" && worker.jobs.length === 0 ? "stopped" : worker.state}
          word={worker.state} />
        <strong>{worker.worker}</strong>
        <span className="quiet-text">as {worker.principal}, queue {worker.queue}</span>
        <span className="quiet-text system-workflows" title={worker.workflows.join(", ")}>
          {worker.workflows.join(", ")}
          {worker.capabilities.length > 0 && ` (${worker.capabilities.join(", ")})`}
        </span>
        <span className="quiet-text system-slots">
          {worker.jobs.length}{worker.slots === null ? " jobs" : ` of ${worker.slots} slots`}
        </span>
        <span className="quiet-text system-seen">seen <When at={worker.seen} /></span>
      </div>
      {worker.jobs.length > 0 && (
        <ul className="system-jobs" aria-label={`Jobs of ${worker.worker}`}>
          {worker.jobs.map((job) => <Lease key={`${job.run_id}/${job.step}/${job.attempt}`} job={job} />)}
        </ul>
      )}
    </li>
  );
}

function Lease({ job }: { job: HeldJob }) {
  const left = (Date.parse(job.lease_until) - useNow()) / 1000;
  const name = job.number === null ? job.run_id.slice(0, 8) : `${job.workflow}#${job.number}`;
  return (
    <li>
      {job.number === null ? <span>{name}</span> : <Link href={to.run(job.workflow, job.number)}>{name}</Link>}
      <span>
        {job.number === null ? job.step : <Link href={to.run(job.workflow, job.number, job.step)}>{job.step}</Link>}
        <span className="quiet-text"> attempt {job.attempt}</span>
      </span>
      <span title="Since it was leased">for <Lasting from={job.leased_at} /></span>
      <span className={left < 0 ? "system-late" : "quiet-text"}>
        {left < 0 ? `lease ran out ${duration(-left)} ago` : `lease for ${duration(Math.ceil(left))} more`}
        {job.canceling && ", is to stop"}
      </span>
      {job.progress ? <Progress fraction={job.progress.fraction} message={job.progress.message} /> : <span className="quiet-text">tells no progress</span>}
    </li>
  );
}

function Progress({ fraction, message }: { fraction: number | null; message: string }) {
  return (
    <span className="system-progress">
      {fraction !== null && <progress max={1} value={fraction} aria-label="Progress" />}
      {fraction !== null && <span className="number">{Math.floor(fraction * 100)} %</span>}
      <span className="system-message" title={message}>{message}</span>
    </span>
  );
}

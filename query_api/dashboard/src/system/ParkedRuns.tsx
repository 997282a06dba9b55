import type { Parked, ParkedList, RunAnswer } from "../api/query.ts";
import { useMay } from "../api/session.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { counted } from "../core/format.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { to } from "../route.ts";
import { useReplay, type Replaying } from "./useReplay.ts";

/** Runs whose newest events could not be applied: why, and the way back. */
export function ParkedRuns({ parked, refresh }: { parked: ParkedList; refresh: () => Promise<void> }) {
  const replaying = useReplay(refresh);
  const told = [...replaying.outcomes].filter(([run]) => !replaying.busy.has(run));
  return (
    <section id="parked" className="system-part" aria-label="Parked runs">
      <h2>Parked runs</h2>
      <div role="status">
        {told.map(([run, outcome]) => (
          <p key={run} className={outcome.mended ? "system-mended" : "problem"}>
            {outcome.mended && <StateMark state="completed" />} {outcome.text}
          </p>
        ))}
      </div>
      {parked.items.length === 0 ? <p className="quiet-text">None: every event could be applied.</p> : (
        <div className="system-scroll">
          <table className="system-table">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Since event</th>
                <th scope="col">Error</th>
                <th scope="col" className="number">Events</th>
                <th scope="col">Parked</th>
                <th scope="col">Last replay</th>
                <th scope="col"><span className="unseen">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {parked.items.map((one) => <ParkedRun key={one.run_id} parked={one} replaying={replaying} />)}
            </tbody>
          </table>
          {parked.next !== null && <p className="quiet-text">These are the first; there are more.</p>}
        </div>
      )}
    </section>
  );
}

function ParkedRun({ parked, replaying }: { parked: Parked; replaying: Replaying }) {
  const may = useMay("admin");
  const run = useAnswer<RunAnswer>(`/runs/${parked.run_id}`, { relevant: never }).data;
  const name = run ? `${run.workflow}#${run.number}` : parked.run_id.slice(0, 8);
  const busy = replaying.busy.has(parked.run_id);
  return (
    <tr>
      <th scope="row">
        <Link href={run ? to.run(run.workflow, run.number) : to.events(`run=${parked.run_id}`)} title={parked.run_id}>{name}</Link>
      </th>
      <td><Link href={to.event(parked.since_position)}>{parked.since_position}</Link> <code>{parked.topic}</code></td>
      <td className="system-error">{parked.error}</td>
      <td className="number">{counted(parked.events, "event")}</td>
      <td><When at={parked.parked_at} /></td>
      <td>
        {parked.replay === null ? <span className="quiet-text">none</span>
        : <>by {parked.replay.requested_by} <When at={parked.replay.requested_at} />{parked.replay.done_at === null && ", not done yet"}</>}
      </td>
      <td>
        {may && (
          <button type="button" className="small" aria-busy={busy} disabled={busy}
            title="All its events are read from the log and applied anew" onClick={() => void replaying.replay(parked, name)}>
            {busy ? "Replaying…" : "Replay"}
          </button>
        )}
      </td>
    </tr>
  );
}

import type { Generation, Partition, Process, System } from "../api/query.ts";
import { count, duration } from "../core/format.ts";
import { StateLabel } from "../parts/State.tsx";
import { When } from "../parts/Time.tsx";
import { behindKafka, LATE_S } from "./health.ts";

/** The log's end and how far each that follows it is. */
export function Flow({ system }: { system: System }) {
  const { log, publisher, processes } = system;
  return (
    <section id="publisher" className="system-part" aria-label="Log and publisher">
      <h2>From the log to the read tables</h2>
      <dl className="system-flow">
        <div><dt>Log</dt><dd>{count(log.position)}</dd><dd className="quiet-text">{log.recorded_at ? <>last event <When at={log.recorded_at} /></> : "no event yet"}</dd></div>
        <div>
          <dt>Published to Kafka</dt>
          <dd>{count(publisher.position)}</dd>
          <dd className={publisher.lag_s >= LATE_S ? "system-late" : "quiet-text"}>
            {publisher.lag_events <= 0 ? "level" : `${count(publisher.lag_events)} behind, ${duration(publisher.lag_s)}`}, epoch {publisher.epoch}
          </dd>
        </div>
        <div>
          <dt>In the read tables</dt>
          <dd>{count(system.position)}</dd>
          <dd className="quiet-text">{system.position >= log.position ? "level" : `${count(log.position - system.position)} behind`}</dd>
        </div>
        <div><dt>Following live</dt><dd>{count(system.followers)}</dd><dd className="quiet-text">streams of this process</dd></div>
      </dl>
      <dl className="system-processes">
        <AtWork name="Publisher" process={processes.publisher} />
        <AtWork name="Projectors" process={processes.projector} />
        <AtWork name="Timers" process={processes.timers} />
      </dl>
    </section>
  );
}

function AtWork({ name, process }: { name: string; process: Process }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <StateLabel state={process.active ? "live" : "offline"} word={process.active ? "at work" : "not at work"} />
        {process.standing_by > 0 && <span className="quiet-text">, {process.standing_by} standing by</span>}
      </dd>
    </div>
  );
}

/** Each generation of the read tables, partition by partition. */
export function Projections({ generations }: { generations: Generation[] }) {
  return (
    <section id="projections" className="system-part" aria-label="Projections">
      <h2>Projections</h2>
      {generations.map((generation) => <OfGeneration key={generation.id} generation={generation} />)}
    </section>
  );
}

function OfGeneration({ generation }: { generation: Generation }) {
  const worst = Math.max(1, ...generation.partitions.map((one) => one.lag_events));
  return (
    <>
      <h3>
        Generation {generation.id}{" "}
        <StateLabel state={generation.state === "current" ? "live" : "running"} word={generation.state === "current" ? "current" : "being built"} />
        <span className="quiet-text system-since">
          made <When at={generation.created_at} />
          {generation.flipped_at && generation.flipped_at !== generation.created_at && <>, shown since <When at={generation.flipped_at} /></>}
        </span>
      </h3>
      <div className="system-scroll">
        <table className="system-table system-partitions">
          <thead>
            <tr>
              <th scope="col">Partition</th>
              <th scope="col" className="number">Position</th>
              <th scope="col" className="number">Published</th>
              <th scope="col" className="number">Next offset</th>
              <th scope="col" className="number">Behind</th>
              <th scope="col" className="system-bar-cell"><span className="unseen">As a bar</span></th>
              <th scope="col" className="number">Late by</th>
            </tr>
          </thead>
          <tbody>
            {generation.partitions.map((one) => <OfPartition key={one.partition} one={one} worst={worst} />)}
          </tbody>
        </table>
      </div>
    </>
  );
}

function OfPartition({ one, worst }: { one: Partition; worst: number }) {
  const late = one.lag_s >= LATE_S;
  return (
    <tr>
      <th scope="row">{one.partition}</th>
      <td className="number">{count(one.position)}</td>
      <td className="number">{count(one.published)}</td>
      <td className="number">{count(one.next_offset)}</td>
      <td className={`number ${late ? "system-late" : ""}`}>{count(one.lag_events)}{one.more && "+"}</td>
      <td className="system-bar-cell">
        <div className={`system-bar ${late && behindKafka(one) ? "system-bar-late" : ""}`} style={{ width: `${(100 * one.lag_events) / worst}%` }} />
      </td>
      <td className={`number ${late ? "system-late" : "quiet-text"}`}>{one.lag_events > 0 ? duration(one.lag_s) : "level"}</td>
    </tr>
  );
}

import type { ParkedList, QueueList, System as SystemAnswer, WorkerList } from "../api/query.ts";
import { never, useAnswer, type Answered } from "../api/useAnswer.ts";
import { count, counted } from "../core/format.ts";
import { useTitle } from "../parts/Frame.tsx";
import { ProblemNote, Shown, Waiting } from "../parts/Problem.tsx";
import { useNow } from "../parts/Time.tsx";
import { findings } from "../system/health.ts";
import { Health } from "../system/Health.tsx";
import { ParkedRuns } from "../system/ParkedRuns.tsx";
import { Flow, Projections } from "../system/Projections.tsx";
import { Queues, Workers } from "../system/Work.tsx";
import "../system/system.css";

/** Nothing here has events of its own: it is asked for while the page is seen. */
const NOW = { relevant: never, everyMs: 2000, asOfNow: true };

/** How the service does: one sentence first, then what stands behind it. */
export function System() {
  useTitle("System");
  const system = useAnswer<SystemAnswer>("/v1/system", NOW);
  const queues = useAnswer<QueueList>("/queues", NOW);
  const workers = useAnswer<WorkerList>("/workers?limit=200", NOW);
  const parked = useAnswer<ParkedList>("/parked?limit=100", NOW);
  return (
    <>
      <h1>System</h1>
      <Summary system={system} queues={queues} workers={workers} />
      {system.data && <Flow system={system.data} />}
      <Shown of={parked} waiting={<></>}>{(found) => <ParkedRuns parked={found} refresh={parked.refresh} />}</Shown>
      <Shown of={queues} waiting={<></>}>{(found) => <Queues queues={found.items} />}</Shown>
      <Shown of={workers} waiting={<></>}>{(found) => <Workers workers={found} />}</Shown>
      {system.data && <Projections generations={system.data.generations} />}
    </>
  );
}

function Summary(props: { system: Answered<SystemAnswer>; queues: Answered<QueueList>; workers: Answered<WorkerList> }) {
  const now = useNow();
  const { system, queues, workers } = props;
  if (system.problem) return <ProblemNote problem={system.problem} />;
  if (!system.data || !queues.data || !workers.data) return <Waiting />;
  const live = workers.data.items.filter((one) => one.state === "live").length;
  const { log, position } = system.data;
  const shown = position >= log.position ? `Everything up to event ${count(log.position)} is shown` : `${counted(log.position - position, "event")} on the way`;
  const more = `${shown}; ${counted(live, "worker is", "workers are")} live.`;
  return <Health found={findings(system.data, queues.data.items, workers.data.items, now)} more={more} />;
}

import { useMemo } from "react";
import type { Matrix } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { percentile, usual } from "../core/durations.ts";
import { count, counted, duration } from "../core/format.ts";
import { isOver } from "../core/states.ts";
import { Empty } from "../parts/Empty.tsx";
import { Shown } from "../parts/Problem.tsx";
import { setParams, usePlace } from "../route.ts";
import { DurationChart } from "./DurationChart.tsx";
import { StepDurations } from "./StepDurations.tsx";
import "./durations.css";

const AMOUNTS = [50, 100, 365];

/** How long its runs took, one after the other, and what is usual of each step. */
export function DurationsTab({ workflow }: { workflow: string }) {
  const { params } = usePlace();
  const asked = Number(params.get("runs"));
  const amount = AMOUNTS.includes(asked) ? asked : 100;
  const answer = useAnswer<Matrix>(`/workflows/${encodeURIComponent(workflow)}/matrix?runs=${amount}&detail=all`, {
    relevant: (event) => ENDS.has(event.topic),
  });
  return (
    <div className="durations">
      <p className="durations-tools">
        <select aria-label="How many runs" value={amount} onChange={(event) => setParams({ runs: event.target.value })}>
          {AMOUNTS.map((one) => <option key={one} value={one}>The last {one} runs</option>)}
        </select>
      </p>
      <Shown of={answer}>{(matrix) => <Durations workflow={workflow} matrix={matrix} slowestFirst={params.get("sort") !== "graph"} />}</Shown>
    </div>
  );
}

const ENDS = new Set(["run.completed", "run.failed", "run.canceled"]);

function Durations({ workflow, matrix, slowestFirst }: { workflow: string; matrix: Matrix; slowestFirst: boolean }) {
  const ended = useMemo(
    () => matrix.runs.filter((run) => isOver(run.state) && run.duration_s !== null).reverse(),
    [matrix],
  );
  const steps = useMemo(() => usual(matrix.steps, matrix.runs), [matrix]);
  if (ended.length === 0) return <Empty title="No run has ended yet"><p>What runs and steps take is shown here then.</p></Empty>;
  const completed = ended.flatMap((run) => (run.state === "completed" ? [run.duration_s ?? 0] : []));
  const p50 = percentile(completed, 0.5);
  const p95 = percentile(completed, 0.95);
  return (
    <>
      <p>
        {counted(ended.length, "run")} ended, {count(completed.length)} of them completed
        {p50 !== null && p95 !== null && <>: half within <strong>{duration(p50)}</strong>, 95 % within <strong>{duration(p95)}</strong></>}.
      </p>
      <DurationChart workflow={workflow} runs={ended} p50={p50} p95={p95} />
      <StepDurations steps={steps} slowestFirst={slowestFirst} />
    </>
  );
}

import { useCallback, useEffect, useMemo } from "react";
import type { RunAnswer } from "../api/query.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { codeOf, rowsOf, scales, tally, type Grid } from "../core/matrix.ts";
import { brief } from "../core/durations.ts";
import { count, counted } from "../core/format.ts";
import { STEP_STATES } from "../core/states.ts";
import type { StepState } from "../api/query.ts";
import { Empty } from "../parts/Empty.tsx";
import { Link } from "../parts/Link.tsx";
import { ProblemNote, Waiting } from "../parts/Problem.tsx";
import { setParams, to, usePlace } from "../route.ts";
import { StepPanel } from "../step/StepPanel.tsx";
import { Beside } from "./Beside.tsx";
import { cellSize } from "./geometry.ts";
import { Legend } from "./Legend.tsx";
import { Matrix, type Selection } from "./Matrix.tsx";
import { RunPanel } from "./RunPanel.tsx";
import { spritesOf } from "./sprites.ts";
import { TableView } from "./TableView.tsx";
import { Toolbar, lookingFrom } from "./Toolbar.tsx";
import { useMatrix } from "./useMatrix.ts";
import "./matrix.css";

const CLOSED = { run: null, step: null, tab: null, attempt: null, iteration: null };

/** The history of a workflow: its steps by its runs, and one of them beside it. */
export function MatrixTab({ workflow }: { workflow: string }) {
  const { params } = usePlace();
  const looking = lookingFrom(params);
  const { feed, snapshot } = useMatrix({ workflow, runs: looking.runs, before: looking.before, version: null });
  const { grid, revision, problem } = snapshot;
  useEffect(() => {
    const { cellWidth, cellHeight } = cellSize(looking.runs, looking.bars);
    spritesOf(cellWidth, cellHeight, devicePixelRatio, looking.bars);
  }, []);
  const selected = selectionFrom(params);
  const select = useCallback((chosen: Selection) => {
    const open = selectionFrom(new URLSearchParams(location.search)) !== null;
    setParams({ run: chosen.number, step: chosen.step, attempt: null, iteration: null }, { push: !open });
  }, []);
  const close = useCallback(() => setParams(CLOSED), []);
  const rows = useMemo(
    () => (grid === null ? new Int32Array() : rowsOf(grid, { name: looking.name, only: looking.only })),
    [grid, revision, looking.name, looking.only],
  );
  const kept = useSame(rows);
  const showKey = looking.show.join();
  const shown = useMemo(() => standingOut(showKey ? showKey.split(",") : []), [showKey]);
  const counts = useMemo(() => (grid === null ? [] : tally(grid, kept)), [grid, revision, kept]);

  if (grid === null) return problem ? <ProblemNote problem={problem} onRetry={feed.refresh} /> : <Waiting />;
  if (grid.columns.length === 0) return <NoRuns workflow={workflow} older={looking.before !== null} />;
  return (
    <div className="matrix-tab">
      <Toolbar looking={looking} next={snapshot.next}>
        <span className="quiet-text">{saying(grid, kept)}</span>
        {looking.bars && !looking.perStep && <span className="quiet-text">a full bar is {brief(scales(grid, false)[0] ?? 1)}</span>}
      </Toolbar>
      {problem && <ProblemNote problem={problem} onRetry={feed.refresh} />}
      <Beside panel={selected && <Panel workflow={workflow} selected={selected} grid={grid} onClose={close} />}>
        {looking.table ? <TableView workflow={workflow} grid={grid} rows={kept} /> : (
          <Matrix feed={feed} grid={grid} revision={revision} rows={kept} bars={looking.bars} perStep={looking.perStep}
            shown={shown} selected={selected} onSelect={select} onClose={close} />
        )}
      </Beside>
      <Legend counts={counts} shown={looking.show} />
    </div>
  );
}

function saying(grid: Grid, rows: Int32Array): string {
  const all = grid.steps.length;
  const steps = rows.length === all ? counted(all, "step") : `${count(rows.length)} of ${counted(all, "step")}`;
  return `${steps} × ${counted(grid.columns.length, "run")}`;
}

function Panel({ workflow, selected, grid, onClose }: { workflow: string; selected: Selection; grid: Grid; onClose: () => void }) {
  const { number, step } = selected;
  const known = grid.columns[grid.placeOf(number)]?.runId;
  // A link may name a run that is not among these.
  const asked = useAnswer<RunAnswer>(
    known !== undefined || step === null ? null : `/workflows/${encodeURIComponent(workflow)}/runs/${number}`,
  );
  useEffect(() => {
    if (step === null) setParams({ tab: null, attempt: null, iteration: null });
  }, [step]);
  if (step === null) return <RunPanel key={number} workflow={workflow} number={number} onClose={onClose} />;
  const runId = known ?? asked.data?.run_id;
  if (asked.problem && runId === undefined) return <ProblemNote problem={asked.problem} />;
  if (runId === undefined) return <Waiting />;
  return (
    <>
      <p className="matrix-of"><Link href={to.run(workflow, number, step)}>{workflow}#{number}</Link></p>
      <StepPanel key={`${runId}/${step}`} runId={runId} workflow={workflow} number={number} step={step} onClose={onClose} />
    </>
  );
}

function NoRuns({ workflow, older }: { workflow: string; older: boolean }) {
  if (older) return <Empty title="No older runs"><p><button type="button" onClick={() => setParams({ before: null })}>The newest</button></p></Empty>;
  return (
    <Empty title="No runs yet">
      <p>Start one here with “Start a run”, or from a shell:</p>
      <pre>runledger start {workflow}</pre>
    </Empty>
  );
}

function selectionFrom(params: URLSearchParams): Selection | null {
  const number = Number(params.get("run"));
  return Number.isInteger(number) && number > 0 ? { number, step: params.get("step") } : null;
}

/** By code: which cells stand out. */
function standingOut(states: string[]): Uint8Array {
  const shown = new Uint8Array(STEP_STATES.length + 1).fill(states.length === 0 ? 1 : 0);
  for (const state of states) shown[codeOf(state as StepState)] = 1;
  return shown;
}

/** The array from before where the new one is equal: then nothing is laid out anew. */
function useSame(rows: Int32Array): Int32Array {
  const kept = useMemo(() => ({ rows }), []);
  const equal = rows.length === kept.rows.length && rows.every((row, index) => row === kept.rows[index]);
  if (!equal) kept.rows = rows;
  return kept.rows;
}

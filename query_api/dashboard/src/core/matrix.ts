/** The grid of a workflow's runs: columns by number, cells as bytes. No React, no drawing. */

import type { Matrix, MatrixRun, MatrixStep, RunState, StepState } from "../api/query.ts";
import { Spread, roundUp } from "./durations.ts";
import { CELL_STATES, STEP_STATES } from "./states.ts";

/** Codes of cells: 0 where the run's version has no such step, else 1 + place in STEP_STATES. */
export const NO_STEP = 0;

export const FLAG = { carried: 1, approval: 2, redone: 4, tried: 8 } as const;

const CODES = new Uint8Array(128);
for (const [character, state] of Object.entries(CELL_STATES))
  CODES[character.charCodeAt(0)] = STEP_STATES.indexOf(state) + 1;

export function codeOf(state: StepState): number {
  return STEP_STATES.indexOf(state) + 1;
}

export function stateOf(code: number): StepState | null {
  return STEP_STATES[code - 1] ?? null;
}

export interface Column {
  runId: string;
  number: number;
  version: number;
  state: RunState;
  createdAt: string;
  durationS: number | null;
  retryOf: string | null;
  degraded: boolean;
  /** Of the answer that told it. */
  position: number;
  cells: Uint8Array;
  flags: Uint8Array;
  /** Seconds, NaN where there is none; null until they are fetched. */
  durations: Float32Array | null;
  attempts: Uint8Array | null;
}

/** What another answer changed. */
export interface Merged {
  added: number;
  dropped: number;
  /** It names steps that the grid has no rows for: ask for all of it again. */
  otherSteps: boolean;
}

type Told = Pick<Matrix, "steps" | "runs" | "position">;

export class Grid {
  /** Ascending by number: the newest stands at the right. */
  columns: Column[] = [];
  readonly steps: MatrixStep[];
  private readonly rows = new Map<string, number>();
  private readonly places = new Map<number, number>();
  private readonly ids = new Map<string, number>();

  constructor(answer: Told) {
    this.steps = answer.steps;
    for (const [row, step] of answer.steps.entries()) this.rows.set(step.name, row);
    this.columns = answer.runs.map((run) => this.column(run, null, answer.position)).sort((a, b) => a.number - b.number);
    this.index();
  }

  rowOf(step: string): number {
    return this.rows.get(step) ?? -1;
  }

  placeOf(number: number): number {
    return this.places.get(number) ?? -1;
  }

  /** Where the run with this id stands, or -1: it may be older than the grid. */
  placeOfId(runId: string): number {
    return this.ids.get(runId) ?? -1;
  }

  /**
   * Take over columns of a later answer: known ones in place, newer ones at the right.
   * With more than `most` columns the oldest go.
   */
  merge(answer: Told, most: number, newer: boolean): Merged {
    const places = answer.steps.map((step) => this.rowOf(step.name));
    if (places.includes(-1)) return { added: 0, dropped: 0, otherSteps: true };
    const last = this.columns.at(-1)?.number ?? 0;
    const fresh: Column[] = [];
    for (const run of answer.runs) {
      const at = this.placeOf(run.number);
      const known = this.columns[at];
      // Answers may overtake each other: an older one tells nothing any more.
      if (known !== undefined && known.position <= answer.position) this.columns[at] = this.column(run, places, answer.position);
      else if (known === undefined && newer && run.number > last) fresh.push(this.column(run, places, answer.position));
    }
    const dropped = Math.max(0, this.columns.length + fresh.length - most);
    if (fresh.length > 0 || dropped > 0) {
      fresh.sort((a, b) => a.number - b.number);
      this.columns = [...this.columns, ...fresh].slice(dropped);
      this.index();
    }
    return { added: fresh.length, dropped, otherSteps: false };
  }

  /** Steps by name are looked up once: a column of fewer steps leaves the others empty. */
  private column(run: MatrixRun, places: number[] | null, position: number): Column {
    const size = this.steps.length;
    const cells = new Uint8Array(size);
    const flags = new Uint8Array(size);
    const durations = run.durations && new Float32Array(size).fill(NaN);
    const attempts = run.attempts && new Uint8Array(size);
    for (let from = 0; from < run.cells.length; from++) {
      const row = places === null ? from : (places[from] ?? 0);
      cells[row] = CODES[run.cells.charCodeAt(from) & 127] ?? NO_STEP;
      const flag = run.flags.charCodeAt(from);
      flags[row] = flag === 32 ? 0 : flag <= 57 ? flag - 48 : flag - 87;
      if (durations) durations[row] = run.durations?.[from] ?? NaN;
      if (attempts) attempts[row] = Math.min(255, run.attempts?.[from] ?? 0);
    }
    return {
      runId: run.run_id, number: run.number, version: run.version, state: run.state,
      createdAt: run.created_at, durationS: run.duration_s, retryOf: run.retry_of,
      degraded: run.degraded, position, cells, flags, durations, attempts,
    };
  }

  private index(): void {
    this.places.clear();
    this.ids.clear();
    for (const [place, column] of this.columns.entries()) {
      this.places.set(column.number, place);
      this.ids.set(column.runId, place);
    }
  }
}

/** Which steps to show. `only`: a state that some run of it is in, or `ever-failed`. */
export interface RowFilter {
  name: string;
  only: string;
}

/** Whether an attempt of this step came to nothing: it failed, was rejected, or was tried again. */
function failedHere(code: number, flags: number): boolean {
  return code === FAILED || code === REJECTED || (flags & FLAG.tried) !== 0;
}
const FAILED = codeOf("failed");
const REJECTED = codeOf("rejected");

/** Rows of the grid that a filter leaves, in order. */
export function rowsOf(grid: Grid, filter: RowFilter): Int32Array {
  const sought = filter.name.trim().toLowerCase();
  const code = codeOf(filter.only as StepState);
  const kept: number[] = [];
  for (const [row, step] of grid.steps.entries()) {
    if (sought && !step.name.toLowerCase().includes(sought)) continue;
    if (filter.only === "ever-failed") {
      if (!grid.columns.some((one) => failedHere(one.cells[row] ?? 0, one.flags[row] ?? 0))) continue;
    } else if (code > 0 && !grid.columns.some((one) => one.cells[row] === code)) continue;
    kept.push(row);
  }
  return Int32Array.from(kept);
}

/** How many cells of each code there are. */
export function tally(grid: Grid, rows: Int32Array): number[] {
  const found = new Array<number>(STEP_STATES.length + 1).fill(0);
  for (const column of grid.columns)
    for (const row of rows) {
      const code = column.cells[row] ?? 0;
      found[code] = (found[code] ?? 0) + 1;
    }
  return found;
}

/** Bars reach full height there; the few that take longer are cut. */
const NEARLY_ALL = 0.97;

/** The duration at a bar's full height: one for all rows, or one per row. */
export function scales(grid: Grid, perStep: boolean): Float32Array {
  const rows = grid.steps.length;
  const one = new Spread();
  const spreads = Array.from({ length: rows }, () => (perStep ? new Spread() : one));
  for (const column of grid.columns)
    if (column.durations !== null) for (let row = 0; row < rows; row++) spreads[row]?.add(column.durations[row] ?? NaN);
  if (!perStep) return new Float32Array(rows).fill(roundUp(one.within(NEARLY_ALL)));
  return Float32Array.from(spreads, (spread) => roundUp(spread.within(NEARLY_ALL)));
}

/** The same for whole runs. */
export function runScale(grid: Grid): number {
  const spread = new Spread();
  for (const column of grid.columns) if (column.durationS !== null) spread.add(column.durationS);
  return roundUp(spread.within(NEARLY_ALL));
}

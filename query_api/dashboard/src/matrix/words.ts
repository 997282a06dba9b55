/** A cell and a column in words: for screen readers, the pointer, and the table. */

import { duration, moment } from "../core/format.ts";
import { FLAG, NO_STEP, stateOf, type Column, type Grid } from "../core/matrix.ts";
import { RUN_LOOKS, STEP_LOOKS } from "../core/states.ts";

/** `failed`, or that this run's version has no such step. */
export function stateWord(code: number): string {
  const state = stateOf(code);
  return code === NO_STEP || state === null ? "no such step in this version" : STEP_LOOKS[state].word;
}

/** What marks at a cell say: attempts, approval, carried over, redone. */
export function remarks(column: Column, row: number): string[] {
  const flags = column.flags[row] ?? 0;
  const attempts = column.attempts?.[row] ?? 0;
  const seconds = column.durations?.[row];
  const found: string[] = [];
  if (attempts > 1) found.push(`attempt ${attempts}`);
  else if (flags & FLAG.tried) found.push("more than one attempt");
  if (flags & FLAG.redone) found.push("redone");
  if (flags & FLAG.carried) found.push("carried over");
  if (flags & FLAG.approval) found.push("has an approval");
  if (seconds !== undefined && !Number.isNaN(seconds)) found.push(duration(seconds));
  return found;
}

/** `step build, run 42, failed, attempt 2` */
export function cellSentence(grid: Grid, row: number, place: number): string {
  const column = grid.columns[place];
  const step = grid.steps[row];
  if (column === undefined || step === undefined) return "no cell";
  const all = [`step ${step.name}`, `run ${column.number}`, stateWord(column.cells[row] ?? 0), ...remarks(column, row)];
  return all.join(", ");
}

/** `run 42, failed, 3 min 20 s, created 2026-11-01 12:00:00, a retry of run 41` */
export function columnSentence(grid: Grid, place: number): string {
  const column = grid.columns[place];
  if (column === undefined) return "no run";
  const all = [`run ${column.number}`, RUN_LOOKS[column.state].word];
  if (column.durationS !== null) all.push(duration(column.durationS));
  all.push(`created ${moment(column.createdAt)}`, `version ${column.version}`);
  if (column.retryOf !== null) all.push(retryWords(grid, column));
  if (column.degraded) all.push("not all of its events could be applied");
  return all.join(", ");
}

export function retryWords(grid: Grid, column: Column): string {
  const before = grid.columns[grid.placeOfId(column.retryOf ?? "")];
  return before === undefined ? "a retry of an older run" : `a retry of run ${before.number}`;
}

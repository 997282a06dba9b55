import type { ReactNode } from "react";
import { STEP_LOOKS, STEP_STATES } from "../core/states.ts";
import { setParams, withParams } from "../route.ts";
import { Link } from "../parts/Link.tsx";

export const AMOUNTS = [25, 50, 100, 365, 1000];
export const DEFAULT_AMOUNT = 100;

/** How the matrix is looked at, out of the address. */
export interface Looking {
  runs: number;
  before: number | null;
  name: string;
  only: string;
  bars: boolean;
  perStep: boolean;
  table: boolean;
  show: string[];
}

export function lookingFrom(params: URLSearchParams): Looking {
  const runs = Number(params.get("runs"));
  const before = Number(params.get("before"));
  return {
    runs: AMOUNTS.includes(runs) ? runs : DEFAULT_AMOUNT,
    before: Number.isInteger(before) && before > 0 ? before : null,
    name: params.get("q") ?? "",
    only: params.get("only") ?? "",
    bars: params.get("cells") === "bars",
    perStep: params.get("scale") === "step",
    table: params.get("as") === "table",
    show: params.getAll("show"),
  };
}

interface Props {
  looking: Looking;
  /** `before` of older runs. */
  next: number | null;
  children?: ReactNode;
}

/** Which steps and runs, and how they are drawn. */
export function Toolbar({ looking, next, children }: Props) {
  return (
    <div className="matrix-tools">
      <input type="search" aria-label="Steps whose name contains" placeholder="Step" value={looking.name}
        onChange={(event) => setParams({ q: event.target.value })} />
      <select aria-label="Which steps" value={looking.only} onChange={(event) => setParams({ only: event.target.value })}>
        <option value="">All steps</option>
        <option value="ever-failed">Steps that ever failed</option>
        {STEP_STATES.map((state) => (
          <option key={state} value={state}>Steps with {STEP_LOOKS[state].word} cells</option>
        ))}
      </select>
      {children}
      <span className="matrix-gap" />
      <select aria-label="Cells show" value={looking.bars ? (looking.perStep ? "step" : "bars") : "states"}
        onChange={({ target: { value } }) =>
          setParams({ cells: value === "states" ? null : "bars", scale: value === "step" ? "step" : null })}>
        <option value="states">States</option>
        <option value="bars">Durations, one scale</option>
        <option value="step">Durations, a scale per step</option>
      </select>
      <label className="matrix-amount">
        <select aria-label="How many runs" value={looking.runs} onChange={(event) => setParams({ runs: event.target.value })}>
          {AMOUNTS.map((amount) => <option key={amount} value={amount}>{amount.toLocaleString("en")} runs</option>)}
        </select>
      </label>
      {next !== null && <Link className="button" href={withParams({ before: next })}>Older</Link>}
      {looking.before !== null && <Link className="button" href={withParams({ before: null })}>Newest</Link>}
      <button type="button" aria-pressed={looking.table} onClick={() => setParams({ as: looking.table ? null : "table" })}>
        Table
      </button>
    </div>
  );
}

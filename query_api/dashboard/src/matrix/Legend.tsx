import type { ReactElement } from "react";
import { StateMark } from "../parts/State.tsx";
import { count } from "../core/format.ts";
import { codeOf } from "../core/matrix.ts";
import { STEP_LOOKS, STEP_STATES } from "../core/states.ts";
import { setParams } from "../route.ts";

interface Props {
  /** Cells by code. */
  counts: number[];
  /** States that stand out; none: all. */
  shown: string[];
}

/** What the cells mean. A click on a state lets the others fade. */
export function Legend({ counts, shown }: Props) {
  function toggle(state: string) {
    setParams({ show: shown.includes(state) ? shown.filter((one) => one !== state) : [...shown, state] });
  }
  return (
    <div className="matrix-legend">
      <div role="group" aria-label="States: choose which stand out">
        {STEP_STATES.map((state) => (
          <button key={state} type="button" className="small quiet" aria-pressed={shown.includes(state)}
            data-none={(counts[codeOf(state)] ?? 0) === 0} onClick={() => toggle(state)}>
            <StateMark state={state} /> {STEP_LOOKS[state].word}{" "}
            <span className="matrix-count">{count(counts[codeOf(state)] ?? 0)}</span>
          </button>
        ))}
      </div>
      <ul className="matrix-marks" aria-label="Marks">
        {MARKS.map(([word, drawn]) => (
          <li key={word}>
            <svg className="matrix-mark" viewBox="0 0 20 20" aria-hidden="true">{drawn}</svg> {word}
          </li>
        ))}
      </ul>
    </div>
  );
}

const MARKS: [string, ReactElement][] = [
  ["several attempts", <><circle cx="10" cy="10" r="4.5" className="tone-done" /><path d="M14 2h5v5z" className="ink" /></>],
  ["approval", <><circle cx="10" cy="10" r="4.5" className="tone-done" /><path d="M10 1.5l8.5 8.5-8.5 8.5L1.500 10z" className="tone-done outline" /></>],
  ["carried over", <><circle cx="11" cy="10" r="4.5" className="tone-done outline" /><path d="M0 10h6.500" className="tone-done outline" /></>],
  ["redone", <><circle cx="10" cy="8" r="4.5" className="tone-done" /><path d="M5 17h10" className="ink outline" /></>],
  ["retry of", <path d="M17 3v9H5M5 15V8M2 10l3-5 3 5z" className="link outline" />],
  ["no such step", <path d="M-2 10L10-2M-2 18L18-2M2 22L22 2M10 22l12-12" className="faint outline" />],
];

import type { StepDetail, StepState } from "../api/query.ts";
import { count } from "../core/format.ts";
import { lookOf, STEP_STATES } from "../core/states.ts";
import { StateMark } from "../parts/State.tsx";

interface Props {
  /** In the order in which they are shown. */
  steps: StepDetail[];
  selected: string | undefined;
  onSelect: (step: string) => void;
}

/** How many steps are in each state; pressed, the next one of them is selected. */
export function StepCounts({ steps, selected, onSelect }: Props) {
  function next(state: StepState) {
    const from = steps.findIndex((step) => step.step === selected);
    const behind = [...steps.slice(from + 1), ...steps.slice(0, from + 1)];
    const found = behind.find((step) => step.state === state);
    if (found) onSelect(found.step);
  }
  const counts = STEP_STATES.map((state) => [state, steps.filter((step) => step.state === state).length] as const);
  return (
    <div className="timeline-counts">
      {counts.filter(([, many]) => many > 0).map(([state, many]) => (
        <button key={state} type="button" className="small quiet" title={`To the next step that is ${lookOf(state).word}`} onClick={() => next(state)}>
          <StateMark state={state} /> {count(many)} {lookOf(state).word}
        </button>
      ))}
    </div>
  );
}

import type { RunAnswer } from "../api/query.ts";
import { StepGraph } from "../matrix/StepGraph.tsx";

/** What needs what, in the states of now. */
export function GraphTab({ run, selected, onSelect }: { run: RunAnswer; selected: string | undefined; onSelect: (step: string) => void }) {
  const steps = run.steps.map(({ step, kind, needs, state }) => ({ name: step, kind, needs, state }));
  return <StepGraph steps={steps} {...(selected !== undefined && { selected })} onSelect={onSelect} />;
}

import type { StepState } from "../api/query.ts";

export interface GraphStep {
  name: string;
  kind: "task" | "approval";
  needs: string[];
  state?: StepState;
}

interface Props {
  steps: GraphStep[];
  selected?: string;
  onSelect?: (step: string) => void;
}

/** The steps of a version and what each needs, left to right. */
export function StepGraph({ steps, selected, onSelect }: Props) {
  return (
    <ul>
      {steps.map((step) => (
        <li key={step.name} aria-current={step.name === selected}>
          <button type="button" onClick={() => onSelect?.(step.name)}>{step.name}</button>
        </li>
      ))}
    </ul>
  );
}

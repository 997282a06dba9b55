import type { StepDetail } from "../api/query.ts";

interface Props {
  run: { run_id: string; workflow: string; number: number; version: number };
  step: StepDetail;
}

/** Approve, reject, delegate, redo: as the step's actions say. */
export function DecideButtons({ step }: Props) {
  return step.actions.length === 0 ? null : <div className="actions" />;
}

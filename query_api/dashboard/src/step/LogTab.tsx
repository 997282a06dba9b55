import type { StepAnswer } from "../api/query.ts";
import { AttemptChoice } from "./AttemptChoice.tsx";
import { useAttempt } from "./attempt.ts";
import { LogView } from "./log/LogView.tsx";

/** The log of the chosen attempt; of the newest by default. */
export function LogTab({ step }: { step: StepAnswer }) {
  const attempt = useAttempt(step);
  if (attempt === undefined) return null;
  return (
    <>
      <AttemptChoice step={step} chosen={attempt} show="log" />
      <LogView key={attempt.number} runId={step.run_id} step={step.step} attempt={attempt.number} running={attempt.outcome === "running"} />
    </>
  );
}

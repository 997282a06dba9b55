import type { Attempt, StepAnswer } from "../api/query.ts";
import { usePlace } from "../route.ts";

/** The attempt that the address names, else the newest; undefined where there was none. */
export function useAttempt(step: StepAnswer): Attempt | undefined {
  const { params } = usePlace();
  const number = Number(params.get("attempt"));
  return step.attempts.find((attempt) => attempt.number === number) ?? step.attempts.at(-1);
}

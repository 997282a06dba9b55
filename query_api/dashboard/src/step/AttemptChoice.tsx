import type { Attempt, StepAnswer } from "../api/query.ts";
import { lookOf } from "../core/states.ts";
import { StateMark } from "../parts/State.tsx";
import { Link } from "../parts/Link.tsx";
import { usePlace, withParams } from "../route.ts";

/** Which attempt is shown, where there were several. */
export function AttemptChoice({ step, chosen, show }: { step: StepAnswer; chosen: Attempt; show: string }) {
  usePlace();
  if (step.attempts.length < 2) return null;
  const several = step.attempts.some((attempt) => attempt.iteration > 1);
  return (
    <nav className="step-attempts" aria-label="Attempt">
      {step.attempts.map((attempt) => (
        <Link key={attempt.number} href={withParams({ attempt: attempt.number, show })} replace
          aria-current={attempt.number === chosen.number ? "true" : undefined}
          title={`attempt ${attempt.number}: ${lookOf(attempt.outcome).word}`}>
          <StateMark state={attempt.outcome} />
          <span><span className="unseen">attempt </span>{attempt.number}{several && ` (iteration ${attempt.iteration})`}</span>
          <span className="unseen">, {lookOf(attempt.outcome).word}</span>
        </Link>
      ))}
    </nav>
  );
}

import type { StepAnswer } from "../api/query.ts";
import { Copy } from "../parts/Copy.tsx";
import { Explanation } from "../run/Explanation.tsx";
import { AttemptChoice } from "./AttemptChoice.tsx";
import { useAttempt } from "./attempt.ts";

/** Why it failed: type, message, and where in the code. */
export function ErrorTab({ step }: { step: StepAnswer }) {
  const attempt = useAttempt(step);
  const error = attempt?.error ?? (attempt === undefined || attempt === step.attempts.at(-1) ? step.error : null);
  return (
    <div className="step-error">
      {attempt && <AttemptChoice step={step} chosen={attempt} show="error" />}
      {error ? (
        <>
          <p className="step-error-type">{error.type || "Error"}</p>
          <p className="step-error-message">{error.message}</p>
          {error.traceback && (
            <div className="content">
              <Copy text={`${error.type ?? ""}: ${error.message ?? ""}\n\n${error.traceback}`} />
              <pre tabIndex={0} role="region" aria-label="Traceback">{error.traceback}</pre>
            </div>
          )}
        </>
      ) : attempt?.outcome === "unknown" ? (
        <p>{attempt.given_up === "timed_out" ? "It took longer than the step may." : "Its worker was not heard of in time."} What it did is not known.</p>
      ) : <p className="quiet-text">This attempt told no error.</p>}
      {step.reason && <p className="note"><Explanation text={step.reason} />{step.actor && ` (${step.actor})`}</p>}
    </div>
  );
}

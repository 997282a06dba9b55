import type { StepAnswer, StepJob } from "../api/query.ts";
import { counted, duration } from "../core/format.ts";
import { StateLabel } from "../parts/State.tsx";
import { Lasting } from "../parts/Time.tsx";
import { Explanation } from "../run/Explanation.tsx";

/** What the step is, its state in words, and how far its worker has come. */
export function StepHead({ step }: { step: StepAnswer }) {
  return (
    <div className="step-head">
      <p>
        <StateLabel state={step.state} />{" "}
        <span className="step-explanation"><Explanation text={step.explanation} /></span>
      </p>
      {step.job && step.job.state === "leased" && <Progress job={step.job} />}
      {step.description && <p className="quiet-text">{step.description}</p>}
      <ul className="step-facts">{facts(step).map((fact) => <li key={fact}>{fact}</li>)}
        {step.state === "running" && step.started_at && <li>for <Lasting from={lastStart(step)} /></li>}
      </ul>
    </div>
  );
}

function lastStart(step: StepAnswer): string {
  return step.attempts.at(-1)?.started_at ?? step.started_at ?? "";
}

const EFFECTS = {
  none: "no effects outside",
  idempotent: "idempotent: may run again",
  once: "effects once: running again may repeat them",
};

function facts(step: StepAnswer): string[] {
  const { waits } = step;
  const ofAll = step.max_attempts !== null && step.max_attempts > 1 ? `, ${step.max_attempts} allowed` : "";
  return [
    step.kind === "approval" ? "a question to people" : "",
    step.carried_from !== null ? "carried over from the run that is retried" : "",
    step.iteration > 1 ? `iteration ${step.iteration}` : "",
    step.attempts.length > 0 ? `${counted(step.attempts.length, "attempt")}${ofAll}` : "",
    step.duration_s !== null ? `ran ${duration(step.duration_s)}` : "",
    waits.queued_s > 0 ? `queued ${duration(waits.queued_s)}` : "",
    waits.backoff_s > 0 ? `backed off ${duration(waits.backoff_s)}` : "",
    waits.people_s > 0 ? `waited ${duration(waits.people_s)} for people` : "",
    step.kind === "task" && step.effects !== null ? EFFECTS[step.effects] : "",
    step.kind === "task" ? (step.queue === null ? "reported by a service" : `queue ${step.queue}`) : "",
    step.requires.length > 0 ? `needs a worker with ${step.requires.join(", ")}` : "",
    step.timeout_s !== null ? `times out after ${duration(step.timeout_s)}` : "",
  ].filter(Boolean);
}

/** How far it has come, as a bar; the words stand in the explanation. */
function Progress({ job }: { job: StepJob }) {
  const { progress } = job;
  if (progress?.fraction == null && !job.canceling) return null;
  return (
    <div className="step-progress">
      {progress?.fraction != null && (
        <progress aria-label="Progress" max={1} value={progress.fraction} />
      )}
      {job.canceling && <span className="quiet-text">told to stop</span>}
    </div>
  );
}

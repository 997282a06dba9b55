import type { RunAnswer, StepAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { lookOf } from "../core/states.ts";
import { ContentView } from "../parts/Content.tsx";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { usePlace, withParams } from "../route.ts";
import { afresh } from "./params.ts";

/** What came out of the step, and what went into it. */
export function OutputTab({ step }: { step: StepAnswer }) {
  usePlace();
  const run = useAnswer<RunAnswer>(`/runs/${step.run_id}`, { relevant: never });
  const states = new Map(run.data?.steps.map((one) => [one.step, one.state]));
  return (
    <div className="step-output">
      <h3>Output</h3>
      {step.output !== null ? <ContentView content={step.output} open={3} /> : <p className="quiet-text">{without(step)}</p>}
      <h3>Input</h3>
      {step.needs.length > 0 ? (
        <p>
          Outputs of{" "}
          {step.needs.map((need) => {
            const state = states.get(need);
            return (
              <Link key={need} className="chip" href={withParams({ ...afresh, step: need, show: "output" })}>
                {state && <StateMark state={state} title={lookOf(state).word} />}{need}
              </Link>
            );
          })}
          , and the run's inputs:
        </p>
      ) : <p className="quiet-text">It needs no other step. The run's inputs:</p>}
      {run.data && <ContentView content={run.data.inputs} open={2} />}
    </div>
  );
}

function without(step: StepAnswer): string {
  if (step.state === "completed") return "It gave no output.";
  return step.state === "not_started" || step.state === "queued" || step.state === "running" ? "None yet." : "None.";
}

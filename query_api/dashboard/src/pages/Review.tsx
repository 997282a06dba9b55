import type { RunAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { useTitle } from "../parts/Frame.tsx";
import { Shown } from "../parts/Problem.tsx";
import { usePlace } from "../route.ts";
import { ReviewOf } from "../review/ReviewOf.tsx";

interface Props {
  workflow: string;
  number: number;
  step: string;
}

/** One approval: what it is about, and the decision. */
export function Review({ workflow, number, step }: Props) {
  useTitle(`${workflow}#${number} ${step}`);
  const iteration = usePlace().params.get("iteration");
  // For its id, which does not change.
  const run = useAnswer<RunAnswer>(`/workflows/${encodeURIComponent(workflow)}/runs/${number}`, { relevant: never });
  return (
    <Shown of={run}>
      {(found) => <ReviewOf key={iteration ?? "last"} runId={found.run_id} step={step} iteration={iteration} />}
    </Shown>
  );
}

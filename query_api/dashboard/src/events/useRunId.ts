import { Problem } from "../api/client.ts";
import type { RunAnswer } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { runSought } from "./filters.ts";

export interface FoundRun {
  /** Null: no run is asked for. Undefined: not known, or not yet. */
  id: string | null | undefined;
  problem: Problem | undefined;
}

/** The id of the run that the filter names: `pages#12`, or an id itself. */
export function useRunId(text: string): FoundRun {
  const sought = runSought(text);
  const path = sought.by === "number" ? `/workflows/${encodeURIComponent(sought.workflow)}/runs/${sought.number}` : null;
  const asked = useAnswer<RunAnswer>(path, { relevant: never });
  switch (sought.by) {
    case "nothing":
      return { id: null, problem: undefined };
    case "id":
      return { id: sought.id, problem: undefined };
    case "nonsense":
      return { id: undefined, problem: new Problem(422, "That names no run", `${text}: name one as pages#12, or by its id.`) };
    case "number":
      return { id: asked.data?.run_id, problem: asked.data ? undefined : asked.problem };
  }
}

import { useState } from "react";
import { query } from "../api/client.ts";
import type { RunState, WorkflowList } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { RUN_LOOKS, RUN_STATES } from "../core/states.ts";
import { StateMark } from "../parts/State.tsx";
import { setParams } from "../route.ts";
import { EitherFilter, TextFilter, TimeFilter } from "./FilterFields.tsx";
import { cleared, paramsOf, type Field, type Filters } from "./filters.ts";

/** Which runs are shown. Each filter is a parameter of the address. */
export function FilterBar({ filters }: { filters: Filters }) {
  const rare: Field[] = ["number", "version", "observed", "retry", "retry_of", "external_id"];
  const [more, setMore] = useState(() => rare.some((field) => filters[field]));
  const [typed, setTyped] = useState("");
  const found = useAnswer<WorkflowList>(`/workflows${query({ limit: 20, q: typed })}`, { relevant: never });
  const set = (field: Field) => (value: string | null) => setParams({ [field]: value });
  function turn(state: RunState) {
    const on = filters.state.includes(state);
    setParams({ state: on ? filters.state.filter((one) => one !== state) : [...filters.state, state] });
  }
  return (
    <search className="runs-filters" aria-label="Filters">
      <div className="runs-chips" role="group" aria-label="State">
        {RUN_STATES.map((state) => (
          <button key={state} type="button" className="chip" aria-pressed={filters.state.includes(state)} onClick={() => turn(state)}>
            <StateMark state={state} />{RUN_LOOKS[state].word}
          </button>
        ))}
      </div>
      <div className="runs-fields">
        <TextFilter label="Workflow" width={190} value={filters.workflow} onChange={set("workflow")}
          suggestions={(found.data?.items ?? []).map((one) => one.name)} onType={setTyped} />
        <TextFilter label="Created by" width={130} value={filters.actor} onChange={set("actor")} />
        <TimeFilter filters={filters} onChange={setParams} />
        <label className="check">
          <input type="checkbox" checked={filters.mine === "true"}
            onChange={(event) => setParams({ mine: event.target.checked ? "true" : null })} />
          Waits for me
        </label>
        <button type="button" className="quiet" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? "Fewer filters" : "More filters"}
        </button>
        {paramsOf(filters) && (
          <button type="button" className="quiet" onClick={() => setParams(cleared(), { push: true })}>Clear</button>
        )}
      </div>
      {more && (
        <div className="runs-fields">
          <TextFilter label="Number" number width={110} value={filters.number} onChange={set("number")} />
          <TextFilter label="Version" number width={110} value={filters.version} onChange={set("version")} />
          <EitherFilter label="Kind of run" both="Managed and observed" yes="Observed" no="Managed" value={filters.observed} onChange={set("observed")} />
          <EitherFilter label="Retries" both="Retries and others" yes="Retries only" no="No retries" value={filters.retry} onChange={set("retry")} />
          {(["retry_of", "external_id"] as const).map((field) => filters[field] && (
            <span key={field} className="chip">
              {field === "retry_of" ? "Retries of " : "External id "}<code>{filters[field]}</code>
              <button type="button" className="quiet small" aria-label="Take this filter away" onClick={() => setParams({ [field]: null })}>×</button>
            </span>
          ))}
        </div>
      )}
    </search>
  );
}

import { useEffect, useId, useState, type ReactNode } from "react";
import type { TopicList, WorkflowList } from "../api/query.ts";
import { never, useAnswer } from "../api/useAnswer.ts";
import { Link } from "../parts/Link.tsx";
import { setParams, withParams } from "../route.ts";
import { fromLocalInput, NO_FILTERS, toLocalInput, topicGroups, type Filters } from "./filters.ts";

interface BarProps {
  filters: Filters;
  any: boolean;
  /** Those of refused commands. */
  refusals: boolean;
  /** Refusals of one run are not filtered any further. */
  auditor: boolean;
  code: string;
}

/** What the explorer looks for. Each field is a parameter of the address. */
export function FilterBar({ filters, any, refusals, auditor, code }: BarProps) {
  return (
    <form className="event-filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <TextFilter label="Run" name="run" value={filters.run} placeholder="pages#12 or id" />
      {refusals ? (
        auditor && (
          <>
            <TextFilter label="Actor" name="actor" value={filters.actor} />
            <TextFilter label="Code" name="code" value={code} placeholder="wrong-state" />
          </>
        )
      ) : (
        <>
          <WorkflowFilter value={filters.workflow} />
          <TopicFilter value={filters.topic} />
          <TextFilter label="Actor" name="actor" value={filters.actor} />
          <MomentFilter label="Since" name="since" value={filters.since} />
          <MomentFilter label="Until" name="until" value={filters.until} />
          <TextFilter label="Correlation" name="correlation" value={filters.correlation} placeholder="id" />
          {filters.causation !== "" && <TextFilter label="Causation" name="causation" value={filters.causation} />}
        </>
      )}
      {any && <Link className="event-clear" href={withParams(NO_FILTERS)}>Clear all</Link>}
    </form>
  );
}

function Field({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="event-filter">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface TextProps {
  label: string;
  name: string;
  value: string;
  placeholder?: string;
  suggestions?: string[];
}

/** Taken over with Enter, or when it is left. */
function TextFilter({ label, name, value, placeholder, suggestions }: TextProps) {
  const [draft, setDraft] = useState(value);
  const list = useId();
  useEffect(() => setDraft(value), [value]);
  const take = (text: string) => text.trim() !== value && setParams({ [name]: text.trim() });
  return (
    <Field label={label}>
      {(id) => (
        <>
          <input id={id} type="search" value={draft} placeholder={placeholder} spellCheck={false} autoComplete="off"
            list={suggestions && list}
            onChange={(event) => {
              setDraft(event.target.value);
              if (event.target.value === "" || suggestions?.includes(event.target.value)) take(event.target.value);
            }}
            onBlur={() => take(draft)}
            onKeyDown={(event) => event.key === "Enter" && take(draft)} />
          {suggestions && (
            <datalist id={list}>
              {suggestions.map((one) => <option key={one} value={one} />)}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

function WorkflowFilter({ value }: { value: string }) {
  const workflows = useAnswer<WorkflowList>("/workflows?limit=100", { relevant: never });
  return (
    <TextFilter label="Workflow" name="workflow" value={value} placeholder="any"
      suggestions={(workflows.data?.items ?? []).map((one) => one.name)} />
  );
}

/** One topic, or all that begin alike. */
function TopicFilter({ value }: { value: string }) {
  const topics = useAnswer<TopicList>("/v1/topics", { relevant: never });
  const groups = topicGroups((topics.data?.items ?? []).map((one) => one.topic));
  const known = groups.some((group) => group.prefix === value || group.topics.includes(value));
  return (
    <Field label="Topic">
      {(id) => (
        <select id={id} value={value} onChange={(event) => setParams({ topic: event.target.value })}>
          <option value="">any</option>
          {value !== "" && !known && <option value={value}>{value}</option>}
          {groups.map((group) => (
            <optgroup key={group.prefix} label={group.prefix}>
              <option value={group.prefix}>{group.prefix}* (all)</option>
              {group.topics.map((topic) => <option key={topic} value={topic}>{topic}</option>)}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A moment by the reader's clock. */
function MomentFilter({ label, name, value }: { label: string; name: string; value: string }) {
  const local = toLocalInput(value);
  const [draft, setDraft] = useState(local);
  useEffect(() => setDraft(local), [local]);
  const take = () => draft !== local && setParams({ [name]: fromLocalInput(draft) });
  return (
    <Field label={label}>
      {(id) => (
        <input id={id} type="datetime-local" step={1} value={draft} onChange={(event) => setDraft(event.target.value)}
          onBlur={take} onKeyDown={(event) => event.key === "Enter" && take()} />
      )}
    </Field>
  );
}

import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { localTime, momentOf, SINCE, type Filters } from "./filters.ts";

type Change = (changes: Record<string, string | string[] | null>) => void;

/** A text that is asked for when it is complete: by Enter, by leaving it, or by a suggestion. */
export function TextFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
  suggestions?: string[];
  onType?: (text: string) => void;
  number?: boolean;
  width: number;
}) {
  const list = useId();
  const [text, setText] = useText(props.value ?? "");
  const suggestions = props.suggestions ?? [];
  function done() {
    if (text.trim() !== (props.value ?? "")) props.onChange(text.trim() || null);
  }
  return (
    <>
      <input type={props.number ? "number" : "search"} min={1} aria-label={props.label} placeholder={props.label}
        list={props.suggestions && list} value={text} style={{ width: props.width }} autoComplete="off"
        onChange={(event) => {
          const typed = event.target.value;
          setText(typed);
          props.onType?.(typed);
          if (typed === "" || suggestions.includes(typed)) props.onChange(typed || null);
        }}
        onBlur={done} onKeyDown={(event: KeyboardEvent) => event.key === "Enter" && done()} />
      {props.suggestions && (
        <datalist id={list}>{suggestions.map((one) => <option key={one} value={one} />)}</datalist>
      )}
    </>
  );
}

/** What is typed; what the address says when that changes. */
function useText(value: string) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return [text, setText] as const;
}

/** Yes, no, or both. */
export function EitherFilter(props: {
  label: string;
  yes: string;
  no: string;
  both: string;
  value: string | undefined;
  onChange: (value: string | null) => void;
}) {
  return (
    <select aria-label={props.label} value={props.value ?? ""} onChange={(event) => props.onChange(event.target.value || null)}>
      <option value="">{props.both}</option>
      <option value="true">{props.yes}</option>
      <option value="false">{props.no}</option>
    </select>
  );
}

/** When they were created: since some time ago, or between two moments. */
export function TimeFilter({ filters, onChange }: { filters: Filters; onChange: Change }) {
  const { created_after: after, created_before: before } = filters;
  const [chosen, setChosen] = useState(false);
  const between = chosen || before !== undefined || (after !== undefined && !(after in SINCE));
  const set = after !== undefined || before !== undefined;
  const was = useRef(set);
  useEffect(() => {
    if (was.current && !set) setChosen(false);
    was.current = set;
  }, [set]);
  return (
    <>
      <select aria-label="Created" value={between ? "between" : (after ?? "")} onChange={(event) => {
        const value = event.target.value;
        setChosen(value === "between");
        if (value !== "between") onChange({ created_after: value || null, created_before: null });
      }}>
        <option value="">Created any time</option>
        {Object.entries(SINCE).map(([value, word]) => <option key={value} value={value}>Created {value === "today" ? word : `in ${word}`}</option>)}
        <option value="between">Created between…</option>
      </select>
      {between && (
        <span className="runs-between">
          <MomentField label="Created after" value={after} onChange={(value) => onChange({ created_after: value })} />
          –
          <MomentField label="Created before" value={before} onChange={(value) => onChange({ created_before: value })} />
        </span>
      )}
    </>
  );
}

function MomentField(props: { label: string; value: string | undefined; onChange: (value: string | null) => void }) {
  const now = new Date();
  const shown = localTime(props.value, now);
  const [text, setText] = useText(shown);
  function done() {
    if (text !== shown) props.onChange(text ? momentOf(text, now) : null);
  }
  return (
    <input type="datetime-local" aria-label={props.label} value={text} onChange={(event) => setText(event.target.value)}
      onBlur={done} onKeyDown={(event) => event.key === "Enter" && done()} />
  );
}

import { useEffect, useState } from "react";
import { useSession } from "../api/session.ts";
import { Link } from "../parts/Link.tsx";
import { setParams, withParams } from "../route.ts";
import type { Choice } from "./inbox.ts";

/** Whose approvals are listed, as tabs; and of which workflow. */
export function Filters({ choice }: { choice: Choice }) {
  const { groups } = useSession();
  const tabs: [string, string][] = [
    ["mine", "For you"],
    ...groups.map((group): [string, string] => [`group:${group}`, group]),
    ["person", "For a person"],
    ["open", "All open"],
    ["decided", "Decided"],
  ];
  // A group that a link names, though the reader is not in it.
  const other = choice.of.startsWith("group:") && !tabs.some(([id]) => id === choice.of);
  if (other) tabs.splice(1, 0, [choice.of, choice.of.slice("group:".length)]);
  return (
    <>
      <nav className="tabs" aria-label="Whose approvals">
        {tabs.map(([id, title]) => (
          <Link key={id} aria-current={id === choice.of ? "page" : undefined} replace
            href={withParams({ of: id === "mine" ? null : id, for: id === "person" ? choice.person : null, withheld: null, cursor: null })}>
            {title}
          </Link>
        ))}
      </nav>
      <div className="inbox-filters">
        {choice.of === "person" && <Typed key="person" label="Person" param="for" value={choice.person} />}
        <Typed key="workflow" label="Workflow" param="workflow" value={choice.workflow} />
        {(choice.of === "mine" || choice.of === "person") && (
          <label className="check">
            <input type="checkbox" checked={choice.withheld}
              onChange={(event) => setParams({ withheld: event.target.checked ? "true" : null, cursor: null })} />
            Also what is asked and not to be decided, with the reason
          </label>
        )}
      </div>
    </>
  );
}

/** A parameter that is typed: it counts when the field is left, or by Enter. */
function Typed({ label, param, value }: { label: string; param: string; value: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const apply = () => text.trim() !== value && setParams({ [param]: text.trim(), cursor: null });
  return (
    <label className="inbox-typed">
      {label}
      <input value={text} onChange={(event) => setText(event.target.value)} onBlur={apply} autoComplete="off" spellCheck={false}
        autoFocus={param === "for" && value === ""} onKeyDown={(event) => event.key === "Enter" && apply()} />
    </label>
  );
}

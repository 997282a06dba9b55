import { useId, useState, type FormEvent } from "react";
import { useSession } from "../api/session.ts";
import { Link } from "../parts/Link.tsx";
import { to } from "../route.ts";
import { BUILT_IN, deleteView, savedViews, saveView, type View } from "./views.ts";

/** Filters with a name: some that everybody has, and those that the reader has kept here. */
export function ViewBar({ current }: { current: string }) {
  const { namespace } = useSession();
  const [saved, setSaved] = useState(() => savedViews(localStorage, namespace));
  const [naming, setNaming] = useState(false);
  const [name, setName] = useState("");
  const field = useId();
  const known = [...BUILT_IN, ...saved].some((view) => view.params === current);

  function save(event: FormEvent) {
    event.preventDefault();
    if (!name.trim()) return;
    setSaved(saveView(localStorage, namespace, { name: name.trim(), params: current }));
    setNaming(false);
    setName("");
  }
  const link = (view: View) => (
    <Link href={to.runs(view.params)} aria-current={view.params === current ? "page" : undefined}>{view.name}</Link>
  );
  return (
    <div className="runs-views">
      <nav className="tabs" aria-label="Views">
        {BUILT_IN.map((view) => <span key={view.name}>{link(view)}</span>)}
        {saved.map((view) => (
          <span key={view.name}>
            {link(view)}
            <button type="button" className="quiet small" aria-label={`Delete the view ${view.name}`} title="Delete this view"
              onClick={() => setSaved(deleteView(localStorage, namespace, view.name))}>×</button>
          </span>
        ))}
      </nav>
      {naming ? (
        <form onSubmit={save}>
          <label htmlFor={field} className="unseen">Name of the view</label>
          <input id={field} value={name} maxLength={60} placeholder="Name of the view" autoFocus required
            onChange={(event) => setName(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setNaming(false)} />
          <button type="submit">Save</button>
        </form>
      ) : (
        !known && <button type="button" className="quiet" onClick={() => setNaming(true)}>Save this view</button>
      )}
    </div>
  );
}

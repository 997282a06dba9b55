import { useRef, useState, type FormEvent } from "react";
import { get, Problem } from "../api/client.ts";
import type { RunAnswer } from "../api/query.ts";
import { navigate, to } from "../route.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const NAMED = /^(.+)#(\d+)$/;

/** The search field: `pages#12`, a run's id, an event's position (`@4711`), else a workflow's name. */
export function FindRun() {
  const [sought, setSought] = useState("");
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLInputElement>(null);

  async function find(event: FormEvent) {
    event.preventDefault();
    const text = sought.trim();
    if (!text) return;
    setProblem("");
    const named = NAMED.exec(text);
    if (named) navigate(to.run(named[1] ?? "", Number(named[2])));
    else if (/^@?\d+$/.test(text)) navigate(to.event(Number(text.replace("@", ""))));
    else if (UUID.test(text)) {
      try {
        const run = await get<RunAnswer>(`/runs/${text}`);
        navigate(to.run(run.workflow, run.number));
      } catch (error) {
        setProblem(error instanceof Problem ? error.message : String(error));
        return;
      }
    } else navigate(`${to.workflows()}?q=${encodeURIComponent(text)}`);
    setSought("");
    field.current?.blur();
  }

  return (
    <form className="find" role="search" onSubmit={(event) => void find(event)}>
      <input ref={field} type="search" aria-label="Find a run, an event or a workflow" placeholder="pages#12, id, @position"
        value={sought} onChange={(event) => setSought(event.target.value)} />
      {problem && <p className="find-problem" role="alert">{problem}</p>}
    </form>
  );
}

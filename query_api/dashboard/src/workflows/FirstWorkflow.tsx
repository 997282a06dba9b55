import { useMay } from "../api/session.ts";
import { Copy } from "../parts/Copy.tsx";
import { Empty } from "../parts/Empty.tsx";

/** As in sdk/README.md. */
export const WORKER = `cat > letters.py <<'PY'
from runledger.worker import Context, Workflow

letters = Workflow("letters")


@letters.step(effects="none")
def draft(context: Context) -> str:
    return f"Dear {context.inputs['name']}, how are you?"


letters.approval("review", needs=[draft], on_reject="redo:draft")
PY
runledger worker letters.py &
runledger start letters --inputs '{"name": "Ada"}'`;

/** Run by the browser tests as it stands here. */
export const REPORTING = `runledger register - <<'JSON'
{"name": "report", "steps": [
  {"name": "fetch"},
  {"name": "render", "needs": ["fetch"], "approval": {"required": 1}}]}
JSON
runledger start report
runledger step start report#1 fetch
runledger step complete report#1 fetch --output '{"rows": 1200}'`;

/** What to do in a namespace that has no workflow: two ways to a first run. */
export function FirstWorkflow() {
  const may = useMay("worker");
  return (
    <Empty title="No workflow yet">
      <p>Workflows are registered by workers and services; runs of them then show here by themselves.</p>
      {!may && <p>That takes a token with the role <code>worker</code>, which yours has not.</p>}
      <div className="first-ways">
        <Way title="Have a worker carry out your functions" commands={WORKER} />
        <Way title="Or report the steps of a service of yours" commands={REPORTING} />
      </div>
      <p className="hint">
        In a shell of the clone, with <code>export PATH="$PWD/.venv/bin:$PATH"</code>. The whole story is in <code>sdk/README.md</code>,{" "}
        all pages are named in <code>docs/README.md</code>, the API's document is at <a href="/openapi.json">/openapi.json</a>.
      </p>
    </Empty>
  );
}

function Way({ title, commands }: { title: string; commands: string }) {
  return (
    <section className="first-way" aria-label={title}>
      <h3>{title}</h3>
      <pre tabIndex={0}>{commands}</pre>
      <Copy text={commands} label="Copy these commands" />
    </section>
  );
}

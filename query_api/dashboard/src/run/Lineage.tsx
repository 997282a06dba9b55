import type { Link as RunLink, RunAnswer } from "../api/query.ts";
import { counted } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { to } from "../route.ts";

/** The chain of retries that the run stands in: the first, the one it retries, itself, its own retries. */
export function Lineage({ run }: { run: RunAnswer }) {
  const { root, retry_of, retries } = run.lineage;
  if (retry_of === null && retries.length === 0) return null;
  const first = root !== null && root.run_id !== retry_of?.run_id && root.run_id !== run.run_id ? root : null;
  return (
    <nav className="run-lineage" aria-label="Retries">
      {first && <><One link={first} /><span className="quiet-text">…</span></>}
      {retry_of && <><One link={retry_of} /><Arrow says={from(run)} /></>}
      <span className="run-lineage-self" aria-current="page"><StateMark state={run.state} /> {`#${run.number}`}</span>
      {retries.map((retry) => <span key={retry.run_id} className="run-lineage-next"><Arrow says="retried" /><One link={retry} /></span>)}
      {run.carried.length > 0 && <span className="quiet-text">{counted(run.carried.length, "step")} carried over</span>}
      {run.other_inputs && <span className="quiet-text">with inputs of its own</span>}
    </nav>
  );
}

function from({ retry_from }: RunAnswer): string {
  if (retry_from === "start") return "retried from the start";
  return retry_from?.startsWith("step:") ? `retried from ${retry_from.slice(5)}` : "retried";
}

function Arrow({ says }: { says: string }) {
  return <span className="quiet-text">{says} →</span>;
}

function One({ link }: { link: RunLink }) {
  if (link.workflow === null || link.number === null) return <code>{link.run_id}</code>;
  return (
    <Link href={to.run(link.workflow, link.number)}>
      {link.state && <StateMark state={link.state} title={lookOf(link.state).word} />} {`#${link.number}`}
    </Link>
  );
}

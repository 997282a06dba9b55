import { useRef, type KeyboardEvent } from "react";
import type { RecentRun } from "../api/query.ts";
import { lookOf } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { useNow } from "../parts/Time.tsx";
import { to } from "../route.ts";
import { marks, markTitle } from "./strip.ts";

/**
 * The last runs of a workflow, the newest at the right: what became of each, and above it how
 * long it took. One stop for the tab key; arrows go along.
 */
export function HealthStrip({ workflow, recent }: { workflow: string; recent: RecentRun[] }) {
  const now = useNow();
  const strip = useRef<HTMLSpanElement>(null);
  function walk(event: KeyboardEvent) {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const links = [...(strip.current?.querySelectorAll("a") ?? [])];
    const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  }
  if (recent.length === 0) return <span className="quiet-text">no runs yet</span>;
  const shown = marks(recent);
  return (
    <span ref={strip} className="strip" role="group" aria-label={`Last runs of ${workflow}`} onKeyDown={walk}>
      {shown.map(({ run, height }, index) => {
        const title = markTitle(run, now);
        return (
          <Link key={run.run_id} href={to.run(workflow, run.number)} className={`strip-run strip-${run.state}`} title={title} aria-label={title}
            tabIndex={index === shown.length - 1 ? 0 : -1}>
            <span className="strip-bar">
              {height !== null && <span className={`tone-${lookOf(run.state).tone}`} style={{ height: `${height * 100}%` }} />}
            </span>
            <StateMark state={run.state} />
          </Link>
        );
      })}
    </span>
  );
}

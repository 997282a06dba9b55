import { count } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import { progressText, shares } from "./words.ts";

/** How far a run is: its steps by state as a small bar, and how many have completed. */
export function StepsBar({ counts }: { counts: Record<string, number> }) {
  const text = progressText(counts);
  const parts = shares(counts);
  const all = parts.reduce((sum, part) => sum + part.count, 0);
  return (
    <span className="runs-steps" title={text}>
      <span className="runs-bar" aria-hidden="true">
        {parts.map((part) => (
          <span key={part.state} className={`runs-part runs-part-${part.state} tone-${lookOf(part.state).tone}`}
            style={{ flexGrow: part.count }} />
        ))}
      </span>
      <span aria-hidden="true">{count(counts.completed ?? 0)}/{count(all)}</span>
      <span className="unseen">{text}</span>
    </span>
  );
}

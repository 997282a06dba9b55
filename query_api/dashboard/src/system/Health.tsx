import { StateMark } from "../parts/State.tsx";
import { sentence, type Finding } from "./health.ts";

/** First of all one sentence; under it what is not well, and what to do. */
export function Health({ found, more }: { found: Finding[]; more: string }) {
  const alone = found.length === 1;
  const worst = found[0]?.weight;
  return (
    <section className={`system-health system-health-${worst ?? "well"}`} aria-label="Health">
      <p className="system-health-sentence">
        <StateMark state={worst === undefined ? "completed" : worst === "bad" ? "failed" : "waiting_for_approval"} />
        {sentence(found)}
      </p>
      {found.length === 0 && <p className="quiet-text">{more}</p>}
      {alone ? <p>{found[0]?.advice} <a href={`#${found[0]?.part}`}>More</a></p> : (
        found.length > 1 && (
          <ul>
            {found.map((one) => (
              <li key={one.text}>
                <StateMark state={one.weight === "bad" ? "failed" : "waiting_for_approval"} />
                <span><a href={`#${one.part}`}>{one.text}</a> <span className="quiet-text">{one.advice}</span></span>
              </li>
            ))}
          </ul>
        )
      )}
    </section>
  );
}

import { useState } from "react";
import type { Usual } from "../core/durations.ts";
import { count, duration } from "../core/format.ts";
import { setParams } from "../route.ts";

const AT_FIRST = 50;

/** What is usual of each step, on one scale: the bar to the half, the line to 95 of a hundred. */
export function StepDurations({ steps, slowestFirst }: { steps: Usual[]; slowestFirst: boolean }) {
  const [all, setAll] = useState(false);
  const sorted = slowestFirst ? [...steps].sort((a, b) => (b.p50 ?? -1) - (a.p50 ?? -1)) : steps;
  const shown = all ? sorted : sorted.slice(0, AT_FIRST);
  const scale = Math.max(...steps.map((step) => step.p95 ?? 0), 0.001);
  return (
    <section className="durations-steps">
      <div className="durations-head">
        <h2>Steps</h2>
        <select aria-label="Order of the steps" value={slowestFirst ? "slowest" : "graph"}
          onChange={(event) => setParams({ sort: event.target.value === "graph" ? "graph" : null })}>
          <option value="slowest">The slowest first</option>
          <option value="graph">In the order of the workflow</option>
        </select>
      </div>
      <div className="workflow-scroll" tabIndex={0} role="region" aria-label="Durations of steps">
        <table>
          <thead>
            <tr><th>Step</th><th className="number">Completed</th><th className="number">p50</th><th className="number">p95</th><th className="number">Longest</th><th><span className="unseen">As bars</span></th></tr>
          </thead>
          <tbody>
            {shown.map((step) => (
              <tr key={step.step}>
                <th scope="row">{step.step}</th>
                <td className="number">{count(step.count)}</td>
                <td className="number">{duration(step.p50)}</td>
                <td className="number">{duration(step.p95)}</td>
                <td className="number">{duration(step.longest)}</td>
                <td className="durations-bars">
                  {step.p50 !== null && step.p95 !== null && (
                    <>
                      <i style={{ width: `${(100 * step.p95) / scale}%` }} />
                      <b style={{ width: `${(100 * step.p50) / scale}%` }} />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < sorted.length && <p><button type="button" onClick={() => setAll(true)}>All {count(sorted.length)} steps</button></p>}
    </section>
  );
}

import { useEffect, useRef, useState } from "react";
import type { MatrixRun } from "../api/query.ts";
import { brief, ticks } from "../core/durations.ts";
import { duration, moment } from "../core/format.ts";
import { RUN_LOOKS } from "../core/states.ts";
import { Link } from "../parts/Link.tsx";
import { SHAPES } from "../parts/State.tsx";
import { to } from "../route.ts";

interface Props {
  workflow: string;
  /** The oldest first; all have ended. */
  runs: MatrixRun[];
  p50: number | null;
  p95: number | null;
}

const HEIGHT = 240;
const LEFT = 74;
const RIGHT = 118;
const TOP = 10;
const BOTTOM = 24;

/** A point per run, in their order; failed and canceled ones by their shapes. Each links to its run. */
export function DurationChart({ workflow, runs, p50, p95 }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const highest = Math.max(...runs.map((run) => run.duration_s ?? 0), p95 ?? 0);
  const lines = ticks(highest, 5);
  const top = lines.at(-1) || 1;
  const x = (index: number) => LEFT + ((index + 0.5) * (width - LEFT - RIGHT)) / runs.length;
  const y = (seconds: number) => TOP + (1 - seconds / top) * (HEIGHT - TOP - BOTTOM);
  const every = Math.max(1, Math.ceil((90 * runs.length) / (width - LEFT - RIGHT)));
  const levels = apart([["95 %", p95], ["half", p50]], y);
  return (
    <div className="durations-chart" ref={frame}>
      <svg width={width} height={HEIGHT} role="group" aria-label={`Durations of ${runs.length} runs, the newest at the right`}>
        {lines.map((seconds) => (
          <g key={seconds} aria-hidden="true">
            <path className="durations-line" d={`M${LEFT} ${y(seconds)}H${width - RIGHT}`} />
            <text x={LEFT - 8} y={y(seconds) + 4} textAnchor="end">{seconds === 0 ? "0" : brief(seconds)}</text>
          </g>
        ))}
        {levels.map(({ word, seconds, at }) => (
          <g key={word} aria-hidden="true" className="durations-level">
            <path d={`M${LEFT} ${y(seconds)}H${width - RIGHT}`} />
            <text x={width - RIGHT + 6} y={at + 4}>{word} {duration(seconds)}</text>
          </g>
        ))}
        {runs.map((run, index) => index % every === 0 && (
          <text key={run.run_id} x={x(index)} y={HEIGHT - 6} textAnchor="middle" aria-hidden="true">#{run.number}</text>
        ))}
        <g aria-hidden="true">
          {runs.map((run, index) => {
            const look = RUN_LOOKS[run.state];
            const size = run.state === "completed" ? 8 : 11;
            const said = `#${run.number} ${look.word}, ${duration(run.duration_s)}, ${moment(run.created_at)}`;
            return (
              <Link key={run.run_id} href={to.run(workflow, run.number)} tabIndex={-1}>
                <g className={`durations-point tone-${look.tone}`} fill="currentColor"
                  transform={`translate(${x(index) - size / 2} ${y(run.duration_s ?? 0) - size / 2}) scale(${size / 16})`}>
                  <title>{said}</title>
                  <rect x={-4} y={-6} width={24} height={28} fill="transparent" />
                  {SHAPES[look.shape]}
                </g>
              </Link>
            );
          })}
        </g>
      </svg>
    </div>
  );
}

/** Where the words of two lines go so that they do not lie upon each other. */
function apart(levels: [string, number | null][], y: (seconds: number) => number) {
  let last = -Infinity;
  return levels.flatMap(([word, seconds]) => {
    if (seconds === null) return [];
    const at = (last = Math.max(y(seconds), last + 15));
    return [{ word, seconds, at }];
  });
}

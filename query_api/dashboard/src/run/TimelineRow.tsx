import { memo } from "react";
import type { Axis } from "../core/axis.ts";
import { clock, duration } from "../core/format.ts";
import { lookOf } from "../core/states.ts";
import type { Mark, Row, Span } from "../core/timeline.ts";
import { Link } from "../parts/Link.tsx";
import { StateMark } from "../parts/State.tsx";
import { withParams } from "../route.ts";
import { afresh } from "../step/params.ts";

interface Props {
  row: Row;
  axis: Axis;
  now: number;
  selected: boolean;
  onSelect: (step: string) => void;
}

/** One step: its state, its name, what it did when, and how long it ran. */
export const TimelineRow = memo(function TimelineRow({ row, axis, now, selected, onSelect }: Props) {
  const { step } = row;
  const { word } = lookOf(step.state);
  const running = goingOn(row, now);
  const ran = running === null ? step.duration_s : (step.duration_s ?? 0) + running;
  const carried = step.carried_from !== null;
  const notes = [
    step.iteration > 1 ? `iteration ${step.iteration}` : "",
    step.attempts.length > 1 ? `${step.attempts.length} attempts` : "",
    carried ? "carried over" : "",
  ].filter(Boolean);
  return (
    <Link className={selected ? "timeline-row timeline-selected" : "timeline-row"} data-step={step.step}
      href={withParams({ ...afresh, step: step.step })} aria-current={selected ? "true" : undefined}
      onClick={(event) => {
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        onSelect(step.step);
      }}>
      <span className="timeline-name" title={`${step.step}: ${word}`}>
        <StateMark state={step.state} />
        <span className="timeline-step">{step.step}<span className="unseen"> {[word, ...notes].join(", ")} </span></span>
        {notes.length > 0 && <span className="timeline-notes" aria-hidden="true">{carried ? "carried" : [
          step.iteration > 1 ? `⟳${step.iteration}` : "", step.attempts.length > 1 ? `×${step.attempts.length}` : "",
        ].filter(Boolean).join(" ")}</span>}
      </span>
      <span className="timeline-lane" aria-hidden="true">
        {row.spans.map((span) => <Bar key={`${span.kind} ${span.from}`} span={span} axis={axis} />)}
        {row.marks.map((mark) => <Sign key={`${mark.kind} ${mark.at}`} mark={mark} axis={axis} />)}
      </span>
      <span className="timeline-took">{ran === null ? "" : duration(ran)}</span>
    </Link>
  );
}, (before, after) =>
  before.row.step === after.row.step && before.selected === after.selected && before.onSelect === after.onSelect &&
  before.now === after.now && before.axis === after.axis);

function goingOn(row: Row, now: number): number | null {
  const open = row.spans.find((span) => span.kind === "attempt" && span.open);
  return open ? (now - open.from) / 1000 : null;
}

const SAYS = { backoff: "backing off", queued: "queued", people: "waiting for people", attempt: "" };

function Bar({ span, axis }: { span: Span; axis: Axis }) {
  const [from, to] = [axis.x(span.from), axis.x(span.to)];
  const long = duration((span.to - span.from) / 1000);
  const said = span.kind === "attempt"
    ? `attempt ${span.attempt}: ${lookOf(span.outcome ?? "").word}, ${long}`
    : `${SAYS[span.kind]} ${long}`;
  return (
    <i className={`timeline-bar-${span.kind}${span.outcome ? ` timeline-${span.outcome}` : ""}${span.open ? " timeline-open" : ""}`}
      title={`${said} (${clock(span.from, true)} – ${span.open ? "now" : clock(span.to, true)})`}
      style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
  );
}

const SHAPES: Record<Mark["kind"], string> = { asked: "◇", approved: "◆", rejected: "◆", withdrawn: "◇", ended: "▏" };

function Sign({ mark, axis }: { mark: Mark; axis: Axis }) {
  return (
    <i className={`timeline-mark timeline-mark-${mark.kind}`} title={`${mark.says} (${clock(mark.at, true)})`} style={{ left: `${axis.x(mark.at) * 100}%` }}>
      {SHAPES[mark.kind]}
    </i>
  );
}

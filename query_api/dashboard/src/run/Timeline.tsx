import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { RunAnswer } from "../api/query.ts";
import { after, axisOf, worthShortening, type Axis } from "../core/axis.ts";
import { duration } from "../core/format.ts";
import { inOrder } from "../core/order.ts";
import { isOver } from "../core/states.ts";
import { rowsOf } from "../core/timeline.ts";
import { Empty } from "../parts/Empty.tsx";
import { useNow } from "../parts/Time.tsx";
import { setParams, usePlace } from "../route.ts";
import { StepCounts } from "./StepCounts.tsx";
import { TimelineRow } from "./TimelineRow.tsx";
import "./timeline.css";

interface Props {
  run: RunAnswer;
  selected: string | undefined;
  onSelect: (step: string) => void;
}

const ROW = 30;
/** Of so many steps one looks for some: their states are told instead of the colours. */
const MANY = 24;

/** The steps of a run in the order in which they can run, on one axis of time. */
export function Timeline({ run, selected, onSelect }: Props) {
  const now = useMoment(run);
  const { params } = usePlace();
  const steps = useMemo(() => inOrder(run.steps), [run.steps]);
  const rows = useMemo(() => rowsOf(steps, now), [steps, now]);
  const extent = { start: begin(run, rows), end: now, open: !isOver(run.state) };
  const scale = params.get("scale");
  const shorten = scale === "short" || (scale !== "true" && worthShortening(rows, extent));
  const axis = axisOf(rows, extent, shorten);

  const list = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  useEffect(() => {
    // What stands above may change its height: banners, an explanation of two lines.
    const place = () => setMargin((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    place();
    const watch = new ResizeObserver(place);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => ROW, overscan: 15, scrollMargin: margin });

  // A step that is selected from elsewhere (a link, the counts) comes into view.
  const chosen = rows.findIndex((row) => row.step.step === selected);
  useEffect(() => {
    if (chosen < 0 || margin === 0) return;
    const top = margin + chosen * ROW - window.scrollY;
    if (top < 80 || top > window.innerHeight - ROW * 2) virtual.scrollToIndex(chosen, { align: "center" });
  }, [chosen, margin === 0]);

  function keys(event: KeyboardEvent) {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (steps === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const current = (event.target as HTMLElement).closest("[data-step]")?.getAttribute("data-step");
    const index = Math.min(rows.length - 1, Math.max(0, rows.findIndex((row) => row.step.step === current) + steps));
    const name = rows[index]?.step.step;
    if (name === undefined) return;
    onSelect(name);
    virtual.scrollToIndex(index);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus());
  }

  if (rows.length === 0) return <Empty title="No steps are known" />;
  return (
    <div className="timeline">
      <div className="timeline-bar">
        {rows.length > MANY ? <StepCounts steps={steps} selected={selected} onSelect={onSelect} /> : <Legend />}
        <label className="timeline-scale">Axis{" "}
          <select value={shorten ? "short" : "true"} onChange={(event) => setParams({ scale: event.target.value })}>
            <option value="true">true to time</option>
            <option value="short">waits shortened</option>
          </select>
        </label>
      </div>
      <Ruler axis={axis} />
      <ul ref={list} className="timeline-rows" aria-label="Steps" onKeyDown={keys} style={{ height: virtual.getTotalSize() }}>
        <li className="timeline-lane timeline-back" aria-hidden="true"><Back axis={axis} now={extent.open ? now : null} /></li>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return row && (
            <li key={row.step.step} data-index={item.index} style={{ top: item.start - margin, height: ROW }}
              aria-posinset={item.index + 1} aria-setsize={rows.length}>
              <TimelineRow row={row} axis={axis} now={now} selected={row.step.step === selected} onSelect={onSelect} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Now, each second, while the run goes on; else its end. */
function useMoment(run: RunAnswer): number {
  const now = useNow();
  if (run.as_of !== null) return Date.parse(run.as_of.recorded_at);
  if (!isOver(run.state) || run.ended_at === null) return now;
  // Of steps that were left running some end came later.
  return Math.max(Date.parse(run.ended_at), ...run.steps.map((step) => (step.ended_at === null ? 0 : Date.parse(step.ended_at))));
}

function begin(run: RunAnswer, rows: ReturnType<typeof rowsOf>): number {
  return rows.reduce((first, row) => Math.min(first, row.spans[0]?.from ?? first, row.marks[0]?.at ?? first), Date.parse(run.created_at));
}

function Ruler({ axis }: { axis: Axis }) {
  return (
    <div className="timeline-ruler" aria-hidden="true">
      <div className="timeline-lane">
        {axis.ticks.map((tick) => <span key={tick.after} style={{ left: `${tick.x * 100}%` }}>{after(tick.after)}</span>)}
        {axis.breaks.map((one) => (
          <span key={one.from} className="timeline-skipped" title={`${duration((one.to - one.from) / 1000)} in which nothing ran, drawn shorter`}
            style={{ left: `${((one.x0 + one.x1) / 2) * 100}%` }}>{one.x1 - one.x0 > 0.08 ? duration((one.to - one.from) / 1000) : "⋯"}</span>
        ))}
      </div>
    </div>
  );
}

/** Lines of the ticks, shortened waits, and now. */
function Back({ axis, now }: { axis: Axis; now: number | null }) {
  return (
    <>
      {axis.ticks.map((tick) => <i key={tick.after} className="timeline-tick" style={{ left: `${tick.x * 100}%` }} />)}
      {axis.breaks.map((one) => (
        <i key={one.from} className="timeline-break" style={{ left: `${one.x0 * 100}%`, width: `${(one.x1 - one.x0) * 100}%` }} />
      ))}
      {now !== null && <i className="timeline-now" style={{ left: `${axis.x(now) * 100}%` }} />}
    </>
  );
}

function Legend() {
  return (
    <ul className="timeline-legend" aria-hidden="true">
      <li><i className="timeline-bar-attempt timeline-completed" /> ran</li>
      <li><i className="timeline-bar-attempt timeline-failed" /> failed</li>
      <li><i className="timeline-bar-queued" /> queued</li>
      <li><i className="timeline-bar-backoff" /> backing off</li>
      <li><i className="timeline-bar-people" /> waits for people</li>
    </ul>
  );
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState, type MouseEvent } from "react";
import type { LogLine } from "../../api/query.ts";
import { clock, counted, moment } from "../../core/format.ts";
import type { Changes } from "../../route.ts";
import { goToLine, lineAddress } from "./address.ts";
import { LogText } from "./LogText.tsx";
import type { Log } from "./useLog.ts";

interface Props {
  of: Log;
  label: string;
  /** What a line's link says beside its number. */
  place: Changes;
  /** The line to go to; another object: go there again. */
  target: { n: number } | null;
  selected: number | null;
  /** The line of a hit. */
  found: number | null;
  sought: string;
  wrap: boolean;
  times: boolean;
  /** Number of the first line that is seen. */
  onPlace: (n: number) => void;
}

const ROW = 20;
/** So near the end, new lines are kept in view. */
const NEAR_END = 60;
const NEAR_EDGE = 800;

/** The lines that are in view, and what it takes that they stay where they are. */
export function LogLines({ of, label, place, target, selected, found, sought, wrap, times, onPlace }: Props) {
  const { log, pinned } = of;
  const { lines } = log;
  const box = useRef<HTMLDivElement>(null);
  const wanted = useRef<number | null>(null);
  const top = useRef(0);
  const height = useRef(0);
  const asked = useRef<number | null>(null);
  const anchor = useRef<{ n: number; delta: number } | null>(null);
  const [atEnd, setAtEnd] = useState(pinned.current);
  const [seen, setSeen] = useState(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    getItemKey: (index) => lines[index]?.n ?? index,
    overscan: 25,
  });

  useEffect(() => {
    if (target === null) return;
    wanted.current = target.n;
    pinned.current = false;
    setAtEnd(false);
    setSeen(log.total);
    asked.current = null;
    if (log.begun) goThere();
  }, [target, log]);

  useEffect(() => virtual.measure(), [wrap, times]);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    if (wanted.current !== null) goThere();
    else if (pinned.current) {
      element.scrollTop = element.scrollHeight;
      if (!atEnd) setAtEnd(true);
    } else if (anchor.current) {
      const index = indexOf(lines, anchor.current.n);
      const item = index < 0 ? undefined : virtual.measurementsCache[index];
      if (item) element.scrollTop = item.start + anchor.current.delta;
    }
  }, [log, log.revision, virtual.getTotalSize()]);

  function goThere() {
    const n = wanted.current;
    if (n === null) return;
    const index = indexOf(lines, n);
    if (index >= 0) {
      virtual.scrollToIndex(index, { align: "center" });
      wanted.current = null;
    } else if (asked.current === n) {
      if (!log.busy) wanted.current = null; // there is no such line
    } else {
      asked.current = n;
      void log.openAt(n);
    }
  }

  function onScroll() {
    const element = box.current;
    if (element === null) return;
    const left = element.scrollHeight - element.scrollTop - element.clientHeight;
    // Upwards is away, however near: else each new line would pull the reader back.
    const up = element.scrollTop < top.current - 1 && element.scrollHeight >= height.current;
    const near = log.atEnd && left < NEAR_END && !(up && left > 1);
    top.current = element.scrollTop;
    height.current = element.scrollHeight;
    if (near !== pinned.current && wanted.current === null) {
      pinned.current = near;
      setAtEnd(near);
      setSeen(log.total);
    }
    const item = virtual.getVirtualItemForOffset(element.scrollTop);
    const line = item && lines[item.index];
    if (item && line) {
      anchor.current = { n: line.n, delta: element.scrollTop - item.start };
      onPlace(line.n);
    }
    if (element.scrollTop < NEAR_EDGE && !log.atStart) void log.older();
    else if (left < NEAR_EDGE && !log.atEnd) void log.newer();
  }

  function toEnd() {
    pinned.current = true;
    wanted.current = null;
    setAtEnd(true);
    if (log.atEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
    else void log.openEnd();
  }

  const items = virtual.getVirtualItems();
  const more = log.total - seen;
  return (
    <div className="log-frame">
      <div ref={box} className={wrap ? "log-box log-wrap" : "log-box"} role="region" aria-label={label} tabIndex={0} onScroll={onScroll}>
        <div style={{ height: virtual.getTotalSize() }}>
          <div className="log-lines" style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map((item) => {
              const line = lines[item.index];
              return line && (
                <Line key={line.n} ref={virtual.measureElement} index={item.index} line={line} selected={line.n === selected}
                  found={line.n === found} sought={sought} times={times} place={place} />
              );
            })}
          </div>
        </div>
      </div>
      {!atEnd && log.begun && (
        <button type="button" className="log-new small" onClick={toEnd}>
          {more > 0 ? `${counted(more, "new line")} ↓` : "To the end ↓"}
        </button>
      )}
    </div>
  );
}

interface LineProps {
  ref: (element: HTMLElement | null) => void;
  index: number;
  line: LogLine;
  selected: boolean;
  found: boolean;
  sought: string;
  times: boolean;
  place: Changes;
}

const LEVELS = { debug: "debug", info: "", warning: "warn", error: "error" };

function Line({ ref, index, line, selected, found, sought, times, place }: LineProps) {
  const { n, level, stream } = line;
  function follow(event: MouseEvent) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goToLine(n, place);
  }
  return (
    <div ref={ref} data-index={index} className={`log-line log-${level}${selected ? " log-selected" : ""}${found ? " log-found" : ""}`}>
      <a className="log-number" href={lineAddress(n, place)} onClick={follow} aria-label={`Line ${n}`} tabIndex={selected ? 0 : -1}>{n}</a>
      {times && <time dateTime={line.at} title={moment(line.at)}>{clock(line.at, true)}</time>}
      <span className="log-kind" title={`${stream}, ${level}`}>{LEVELS[level] || (stream === "stderr" ? "err" : "")}</span>
      <span className="log-text"><LogText text={line.text} sought={sought} />{line.cut && <em> (cut)</em>}</span>
    </div>
  );
}

/** Where line `n` is, or the first one behind it (a filter may have left it out); -1: not here. */
function indexOf(lines: LogLine[], n: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.n ?? 0) < n) low = middle + 1;
    else high = middle;
  }
  if (lines[low]?.n === n) return low;
  return low > 0 && low < lines.length ? low : -1;
}

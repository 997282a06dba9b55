/** The common time axis of a run: true to time, or with its waits shortened. */

import type { Row } from "./timeline.ts";

export interface Break {
  from: number;
  to: number;
  /** Places on the axis, 0 to 1. */
  x0: number;
  x1: number;
}

export interface Axis {
  start: number;
  end: number;
  /** Place of a moment, 0 to 1. */
  x: (at: number) => number;
  /** Stretches in which nothing ran, drawn shorter than they were. */
  breaks: Break[];
  ticks: { x: number; after: number }[];
}

interface Piece {
  from: number;
  to: number;
  /** As long as it is drawn, in milliseconds of the others. */
  shown: number;
}

/** All shortened waits together are drawn at most this long, next to what ran. */
const WAITS_TO_WORK = 0.4;
/** A wait that is shorter than this part of what ran squashes nothing: it stays as it is. */
const SHORT = 0.5;
/** Ticks keep so far from the middle of a shortened wait, where its length is written. */
const ROOM = 0.07;

export interface Extent {
  /** Milliseconds: when the run was created, and its end, or now. */
  start: number;
  end: number;
  /** It goes on: the axis leaves room, and grows in steps rather than each second. */
  open: boolean;
}

export function axisOf(rows: Row[], extent: Extent, shorten: boolean): Axis {
  const { start } = extent;
  const last = Math.max(extent.end, start + 1);
  const busy = union(rows, start, last);
  const running = rows.some((row) => row.spans.some((span) => span.kind === "attempt" && span.open));
  const pad = extent.open && (!shorten || running);
  const end = pad ? start + horizon(last - start) : last;
  if (pad && shorten) {
    const open = busy.at(-1);
    if (open) open[1] = end;
  }
  const pieces = shorten ? shortened(busy, start, end) : [{ from: start, to: end, shown: end - start }];
  return laid(pieces, start, end);
}

/** Whether waits take so much of the run that they would squash what ran. */
export function worthShortening(rows: Row[], extent: Extent): boolean {
  const busy = total(union(rows, extent.start, extent.end));
  return busy > 0 && extent.end - extent.start > busy * 3;
}

/** A length that is at least this, and grows by leaps of a tenth, so that bars stand still between. */
export function horizon(length: number): number {
  if (length <= 1000) return 1000;
  return 1000 * 1.1 ** Math.ceil(Math.log(length / 1000) / Math.log(1.1) + 0.01);
}

/** When anything ran, without overlaps, in order. */
function union(rows: Row[], start: number, end: number): [number, number][] {
  const spans = rows
    .flatMap((row) => row.spans.filter((span) => span.kind === "attempt"))
    .map((span): [number, number] => [Math.max(span.from, start), Math.min(span.to, end)])
    .sort((one, other) => one[0] - other[0]);
  const found: [number, number][] = [];
  for (const span of spans) {
    const before = found.at(-1);
    if (before && span[0] <= before[1]) before[1] = Math.max(before[1], span[1]);
    else if (span[1] >= span[0]) found.push([...span]);
  }
  return found;
}

function total(spans: [number, number][]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}

function shortened(busy: [number, number][], start: number, end: number): Piece[] {
  const work = total(busy);
  if (work === 0) return [{ from: start, to: end, shown: end - start }];
  const pieces: Piece[] = [];
  const gap = (from: number, to: number) => {
    if (to > from) pieces.push({ from, to, shown: to - from > work * SHORT ? -1 : to - from });
  };
  let at = start;
  for (const [from, to] of busy) {
    gap(at, from);
    pieces.push({ from, to, shown: to - from });
    at = to;
  }
  gap(at, end);
  const long = pieces.filter((piece) => piece.shown < 0);
  const most = Math.max(Math.min((work * WAITS_TO_WORK) / long.length, work * 0.15), work * 0.02);
  for (const piece of long) piece.shown = Math.min(piece.to - piece.from, most);
  return pieces;
}

function laid(pieces: Piece[], start: number, end: number): Axis {
  const length = pieces.reduce((sum, piece) => sum + piece.shown, 0);
  const places: (Piece & { x0: number; x1: number })[] = [];
  let x = 0;
  for (const piece of pieces) {
    const x1 = x + piece.shown / length;
    places.push({ ...piece, x0: x, x1 });
    x = x1;
  }
  const place = (at: number) => {
    if (at <= start) return 0;
    const found = places.find((piece) => at <= piece.to);
    if (found === undefined) return 1;
    return found.x0 + ((at - found.from) / (found.to - found.from)) * (found.x1 - found.x0);
  };
  const breaks = places.filter((piece) => piece.shown < piece.to - piece.from).map(({ from, to, x0, x1 }) => ({ from, to, x0, x1 }));
  const step = niceStep(length / 6);
  const ticks: Axis["ticks"] = [];
  for (const piece of places) {
    if (piece.shown < piece.to - piece.from) continue;
    for (let after = Math.ceil((piece.from - start) / step) * step; start + after <= piece.to; after += step) {
      const at = place(start + after);
      const written = breaks.some((one) => Math.abs((one.x0 + one.x1) / 2 - at) < ROOM);
      if (at < 0.96 && !written && at - (ticks.at(-1)?.x ?? -1) > 0.09) ticks.push({ x: at, after });
    }
  }
  return { start, end, x: place, breaks, ticks };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NICE = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * DAY),
];

/** The smallest round length that is at least this. */
export function niceStep(length: number): number {
  return NICE.find((nice) => nice >= length) ?? 1000 * DAY;
}

/** `0`, `200 ms`, `20 s`, `2 min 30 s`, `1 h`: how long after the beginning a tick is. */
export function after(ms: number): string {
  if (ms === 0) return "0";
  if (ms < SECOND) return `${ms} ms`;
  const parts: string[] = [];
  let rest = ms;
  for (const [size, name] of [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]] as const) {
    const many = Math.floor(rest / size);
    rest -= many * size;
    if (many > 0) parts.push(`${size === SECOND && ms < MINUTE ? Math.round((ms / SECOND) * 10) / 10 : many} ${name}`);
  }
  return parts.slice(0, 2).join(" ");
}

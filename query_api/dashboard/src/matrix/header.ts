/** A frame of what stands above the cells: how long each run took, its state, retries, number and time. */

import type { Column } from "../core/matrix.ts";
import { RUN_LOOKS } from "../core/states.ts";
import { within, type Model, type Window } from "./draw.ts";
import type { Size } from "./geometry.ts";
import type { Region } from "./layer.ts";
import { drawShape, type Palette } from "./sprites.ts";

export const HEADER_HEIGHT = 96;
const BARS = 34;
const MARK = 44;
const LINKS = 54;
const NUMBERS = 75;
const TIMES = 90;

export function drawHeader(
  on: CanvasRenderingContext2D, region: Region, model: Model, size: Size, window: Window, palette: Palette, scale: number,
): void {
  const { columns } = model.grid;
  const { ratio } = window;
  const { firstColumn, endColumn } = within(region, size, window);
  const left = window.left / ratio;
  on.setTransform(ratio, 0, 0, ratio, 0, 0);
  const wide = Math.max(3, size.cellWidth - 6);
  for (let place = firstColumn; place < endColumn; place++) {
    const column = columns[place];
    if (column === undefined) continue;
    const x = Math.round(place * size.cellWidth * ratio) / ratio - left;
    const { tone, shape } = RUN_LOOKS[column.state];
    on.fillStyle = on.strokeStyle = palette.tones[tone];
    if (column.durationS !== null) {
      const high = Math.max(1, Math.min(1, column.durationS / scale) * BARS);
      on.globalAlpha = column.state === "completed" ? 0.55 : 1;
      on.fillRect(x + (size.cellWidth - wide) / 2, BARS + 2 - high, wide, high);
      if (column.durationS > scale) on.clearRect(x, 5, size.cellWidth, 2);
    }
    on.globalAlpha = 1;
    drawShape(on, shape, x + size.cellWidth / 2, MARK, column.state === "completed" ? 9 : 11);
  }
  drawLabels(on, columns, size, left, palette, firstColumn, endColumn);
  drawRetries(on, model, size, left, palette, endColumn);
}

const DAY = new Intl.DateTimeFormat("en", { month: "short", day: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

function drawLabels(
  on: CanvasRenderingContext2D, columns: Column[], size: Size, left: number, palette: Palette, first: number, end: number,
): void {
  on.font = `11px ${FONT}`;
  on.textAlign = "center";
  const widest = Math.max(on.measureText(`${columns.at(-1)?.number ?? ""}`).width, on.measureText("Sep 30").width);
  const every = Math.max(1, Math.ceil((widest + 8) / size.cellWidth));
  const dayOf = (column: Column | undefined) => (column ? DAY.format(new Date(column.createdAt)) : "");
  let before = dayOf(columns[(Math.floor(first / every) - 1) * every]);
  for (let place = Math.floor(first / every) * every; place < end + every; place += every) {
    const column = columns[place];
    if (column === undefined) continue;
    const middle = place * size.cellWidth + size.cellWidth / 2;
    const x = Math.max(middle, widest / 2 + 2) - left; // the first one is not cut
    const created = new Date(column.createdAt);
    const day = dayOf(column);
    on.fillStyle = palette.text;
    on.fillText(String(column.number), x, NUMBERS);
    on.fillStyle = palette.muted;
    on.fillText(day === before ? CLOCK.format(created) : day, x, TIMES);
    if (every > 1) on.fillRect(Math.round(middle - left), LINKS + 7, 1, 3);
    before = day;
  }
}

/** From a run back to the run that it retries: a line with a point at its end. */
function drawRetries(
  on: CanvasRenderingContext2D, model: Model, size: Size, left: number, palette: Palette, end: number,
): void {
  on.strokeStyle = on.fillStyle = palette.accent;
  on.lineWidth = 1.2;
  const { columns } = model.grid;
  const middle = (place: number) => place * size.cellWidth - left + size.cellWidth / 2;
  for (let place = 0; place < columns.length; place++) {
    const column = columns[place];
    if (column === undefined || column.retryOf === null) continue;
    const back = model.grid.placeOfId(column.retryOf);
    const from = middle(place);
    const to = back < 0 ? from - size.cellWidth * 0.7 : middle(back);
    if (from < 0 || (back < 0 ? place : back) >= end) continue;
    const y = LINKS + (place % 2) * 3;
    on.beginPath();
    on.moveTo(from, LINKS - 3);
    on.lineTo(from, y);
    on.lineTo(to, y);
    if (back >= 0) on.lineTo(to, LINKS - 2);
    on.stroke();
    on.beginPath();
    if (back >= 0) triangle(on, [to, LINKS - 5], [to - 3, LINKS], [to + 3, LINKS]);
    else triangle(on, [to - 3, y], [to + 1, y - 3], [to + 1, y + 3]);
    on.fill();
  }
}

function triangle(on: CanvasRenderingContext2D, ...points: [number, number][]): void {
  for (const [index, [x, y]] of points.entries()) index === 0 ? on.moveTo(x, y) : on.lineTo(x, y);
}

export const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';

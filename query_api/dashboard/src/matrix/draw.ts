/** The cells of a region, in device pixels. */

import { NO_STEP, stateOf, type Grid } from "../core/matrix.ts";
import { STEP_LOOKS, STEP_STATES } from "../core/states.ts";
import { visible, type Range, type Size } from "./geometry.ts";
import type { Region } from "./layer.ts";
import type { Sprites } from "./sprites.ts";

export interface Model {
  grid: Grid;
  rows: Int32Array;
  /** How many runs were asked for: it sets the width of cells. */
  asked: number;
  bars: boolean;
  /** The duration of a full bar, per row of the grid. */
  scales: Float32Array | null;
  /** By code, 1 where its cells stand out and others fade. */
  shown: Uint8Array;
}

/** Where the window stands over the cells: device pixels, whole. */
export interface Window {
  left: number;
  top: number;
  ratio: number;
}

type Context = CanvasRenderingContext2D;

const HATCH = 6;
const BAR_TOP = 13;
const FADED = 0.16;

export function drawCells(on: Context, region: Region, model: Model, size: Size, window: Window, sprites: Sprites): void {
  const range = within(region, size, window);
  const { bitmap, width, height } = sprites;
  const xs = places(range.firstColumn, range.endColumn, size.cellWidth * window.ratio, window.left);
  const ys = places(range.firstRow, range.endRow, size.cellHeight * window.ratio, window.top);
  const lefts = Array.from({ length: STEP_STATES.length + 1 }, (_, code) => (model.shown[code] ? 0 : sprites.left(0, true)));
  let hatched = false;
  on.imageSmoothingEnabled = false;
  on.beginPath();
  for (const [index, x] of xs.entries()) {
    const column = model.grid.columns[range.firstColumn + index];
    if (column === undefined) continue;
    for (const [below, y] of ys.entries()) {
      const row = model.rows[range.firstRow + below] ?? 0;
      const code = column.cells[row] ?? NO_STEP;
      if (code === NO_STEP) {
        on.rect(x, y, width, height);
        hatched = true;
      } else {
        const flags = column.flags[row] ?? 0;
        on.drawImage(bitmap, (lefts[code] ?? 0) + flags * width, code * height, width, height, x, y, width, height);
      }
    }
  }
  if (hatched) fillHatched(on, sprites.palette.line, window);
  if (model.bars) drawBars(on, range, xs, model, size, window, sprites);
  drawVersions(on, range, xs, model, size, window, sprites);
}

/** The cells that a region touches. */
export function within(region: Region, size: Size, { left, top, ratio }: Window): Range {
  return visible(size, {
    left: (left + region.x) / ratio,
    top: (top + region.y) / ratio,
    width: region.width / ratio,
    height: region.height / ratio,
  });
}

/** Rounded apart from the scrolling: a picture can be moved, and what is drawn beside it fits. */
function places(first: number, end: number, pitch: number, from: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => Math.round((first + index) * pitch) - from);
}

/** The lines move with the cells, and meet across them. */
function fillHatched(on: Context, line: string, { left, top, ratio }: Window): void {
  on.save();
  on.clip();
  on.strokeStyle = line;
  on.lineWidth = ratio;
  const gap = HATCH * ratio;
  const { width, height } = on.canvas;
  on.beginPath();
  for (let x = -((left + top) % gap); x < width + height; x += gap) {
    on.moveTo(x, 0);
    on.lineTo(x - height, height);
  }
  on.stroke();
  on.restore();
}

/** A bar per cell that has a duration, gathered by colour. One that goes beyond the scale is cut in two. */
function drawBars(on: Context, range: Range, xs: number[], model: Model, size: Size, window: Window, sprites: Sprites): void {
  const { ratio, top } = window;
  const bars = STEP_STATES.map(() => new Path2D());
  const room = (size.cellHeight - BAR_TOP - 1) * ratio;
  const width = Math.max(2, Math.round((size.cellWidth - 5) * ratio));
  for (const [index, left] of xs.entries()) {
    const column = model.grid.columns[range.firstColumn + index];
    if (!column?.durations) continue;
    const x = left + Math.round(2.5 * ratio);
    for (let shown = range.firstRow; shown < range.endRow; shown++) {
      const row = model.rows[shown] ?? 0;
      const seconds = column.durations[row] ?? NaN;
      const path = bars[(column.cells[row] ?? NO_STEP) - 1];
      if (Number.isNaN(seconds) || path === undefined) continue;
      const part = seconds / (model.scales?.[row] ?? 1);
      const high = Math.round(Math.max(1.5 * ratio, Math.min(1, part) * room));
      const bottom = Math.round(((shown + 1) * size.cellHeight - 1) * ratio) - top;
      const cut = part > 1 ? Math.round(3 * ratio) : 0;
      path.rect(x, bottom - high + 2 * cut, width, high - 2 * cut);
      if (cut > 0) path.rect(x, bottom - high, width, cut);
    }
  }
  for (const [index, path] of bars.entries()) {
    const state = stateOf(index + 1);
    if (state === null) continue;
    on.globalAlpha = model.shown[index + 1] ? 1 : FADED;
    on.fillStyle = sprites.palette.tones[STEP_LOOKS[state].tone];
    on.fill(path);
  }
  on.globalAlpha = 1;
}

/** A line where the next run follows another version. */
function drawVersions(on: Context, range: Range, xs: number[], model: Model, size: Size, window: Window, sprites: Sprites): void {
  const high = Math.min(on.canvas.height, Math.round(size.rows * size.cellHeight * window.ratio) - window.top);
  on.fillStyle = sprites.palette.strong;
  for (const [index, x] of xs.entries()) {
    const place = range.firstColumn + index;
    if (place === 0 || model.grid.columns[place]?.version === model.grid.columns[place - 1]?.version) continue;
    on.fillRect(x, 0, Math.max(1, Math.round(window.ratio / 2)), high);
  }
}

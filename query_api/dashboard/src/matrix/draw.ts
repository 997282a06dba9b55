/** A frame of the cells, in device pixels. */

import { NO_STEP, stateOf, type Grid } from "../core/matrix.ts";
import { STEP_LOOKS, STEP_STATES } from "../core/states.ts";
import { visible, type Scroll, type Size } from "./geometry.ts";
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

const HATCH = 6;
const BAR_TOP = 13;

export function drawCells(on: CanvasRenderingContext2D, model: Model, size: Size, scroll: Scroll, sprites: Sprites, ratio: number): void {
  const { columns } = model.grid;
  const range = visible(size, scroll);
  const { bitmap, width, height } = sprites;
  on.setTransform(1, 0, 0, 1, 0, 0);
  on.clearRect(0, 0, on.canvas.width, on.canvas.height);
  on.imageSmoothingEnabled = false;
  const lefts = Array.from({ length: STEP_STATES.length + 1 }, (_, code) => (model.shown[code] ? 0 : sprites.left(0, true)));
  let hatched = false;
  on.beginPath();
  for (let place = range.firstColumn; place < range.endColumn; place++) {
    const column = columns[place];
    if (column === undefined) continue;
    const x = Math.round((place * size.cellWidth - scroll.left) * ratio);
    for (let shown = range.firstRow; shown < range.endRow; shown++) {
      const row = model.rows[shown] ?? 0;
      const code = column.cells[row] ?? NO_STEP;
      const y = Math.round((shown * size.cellHeight - scroll.top) * ratio);
      if (code === NO_STEP) {
        on.rect(x, y, width, height);
        hatched = true;
      } else {
        const flags = column.flags[row] ?? 0;
        on.drawImage(bitmap, (lefts[code] ?? 0) + flags * width, code * height, width, height, x, y, width, height);
      }
    }
  }
  if (hatched) fillHatched(on, sprites.palette.line, scroll, ratio);
  if (model.bars) drawBars(on, model, size, scroll, sprites, ratio);
  drawVersions(on, model, size, scroll, sprites, ratio);
}

/** The lines move with the cells, and meet across them. */
function fillHatched(on: CanvasRenderingContext2D, line: string, scroll: Scroll, ratio: number): void {
  on.save();
  on.clip();
  on.strokeStyle = line;
  on.lineWidth = ratio;
  const gap = HATCH * ratio;
  const { width, height } = on.canvas;
  const shift = ((scroll.left + scroll.top) * ratio) % gap;
  on.beginPath();
  for (let x = -shift; x < width + height; x += gap) {
    on.moveTo(x, 0);
    on.lineTo(x - height, height);
  }
  on.stroke();
  on.restore();
}

/** A bar per cell that has a duration, gathered by colour. */
function drawBars(on: CanvasRenderingContext2D, model: Model, size: Size, scroll: Scroll, sprites: Sprites, ratio: number): void {
  const range = visible(size, scroll);
  const bars = STEP_STATES.map(() => new Path2D());
  const room = (size.cellHeight - BAR_TOP - 1) * ratio;
  const width = Math.max(2, Math.round((size.cellWidth - 5) * ratio));
  for (let place = range.firstColumn; place < range.endColumn; place++) {
    const column = model.grid.columns[place];
    if (!column?.durations) continue;
    const x = Math.round((place * size.cellWidth + 2.5 - scroll.left) * ratio);
    for (let shown = range.firstRow; shown < range.endRow; shown++) {
      const row = model.rows[shown] ?? 0;
      const seconds = column.durations[row] ?? NaN;
      const code = column.cells[row] ?? NO_STEP;
      if (Number.isNaN(seconds) || code === NO_STEP) continue;
      const part = seconds / (model.scales?.[row] ?? 1);
      const high = Math.round(Math.max(1.5 * ratio, Math.min(1, part) * room));
      const bottom = Math.round(((shown + 1) * size.cellHeight - 1 - scroll.top) * ratio);
      const path = bars[code - 1];
      // One that goes beyond the scale is cut in two.
      const cut = part > 1 ? Math.round(3 * ratio) : 0;
      path?.rect(x, bottom - high + 2 * cut, width, high - 2 * cut);
      if (cut > 0) path?.rect(x, bottom - high, width, cut);
    }
  }
  for (const [index, path] of bars.entries()) {
    const state = stateOf(index + 1);
    if (state === null) continue;
    on.globalAlpha = model.shown[index + 1] ? 1 : 0.16;
    on.fillStyle = sprites.palette.tones[STEP_LOOKS[state].tone];
    on.fill(path);
  }
  on.globalAlpha = 1;
}

/** A line where the next run follows another version. */
function drawVersions(on: CanvasRenderingContext2D, model: Model, size: Size, scroll: Scroll, sprites: Sprites, ratio: number): void {
  const range = visible(size, scroll);
  const high = Math.min(on.canvas.height, (size.rows * size.cellHeight - scroll.top) * ratio);
  on.fillStyle = sprites.palette.strong;
  for (let place = Math.max(1, range.firstColumn); place < range.endColumn; place++) {
    if (model.grid.columns[place]?.version === model.grid.columns[place - 1]?.version) continue;
    on.fillRect(Math.round((place * size.cellWidth - scroll.left) * ratio), 0, Math.max(1, Math.round(ratio / 2)), high);
  }
}

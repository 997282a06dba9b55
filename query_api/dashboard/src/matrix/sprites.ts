/** Every look of a cell, drawn once: a frame then only copies them. */

import { colour, tones } from "../core/colours.ts";
import { FLAG, NO_STEP, stateOf } from "../core/matrix.ts";
import { STEP_LOOKS, STEP_STATES, type Shape, type Tone } from "../core/states.ts";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

export interface Palette {
  tones: Record<Tone, string>;
  soft: Partial<Record<Tone, string>>;
  text: string;
  muted: string;
  line: string;
  strong: string;
  accent: string;
}

/** The colours of the theme that is on. */
export function palette(): Palette {
  return {
    tones: tones(),
    soft: { failed: colour("--failed-soft"), rejected: colour("--failed-soft"), waiting: colour("--waiting-soft"), running: colour("--running-soft") },
    text: colour("--text"),
    muted: colour("--muted"),
    line: colour("--line"),
    strong: colour("--line-strong"),
    accent: colour("--accent"),
  };
}

/** The shapes of parts/State.tsx, around a middle, `size` wide. */
export function drawShape(on: Context, shape: Shape, x: number, y: number, size: number): void {
  const unit = size / 16;
  const at = (dx: number, dy: number): [number, number] => [x + (dx - 8) * unit, y + (dy - 8) * unit];
  const path = (...points: [number, number][]) => {
    on.beginPath();
    for (const [index, point] of points.entries()) index === 0 ? on.moveTo(...at(...point)) : on.lineTo(...at(...point));
  };
  const circle = (radius: number) => {
    on.beginPath();
    on.arc(x, y, radius * unit, 0, 2 * Math.PI);
  };
  on.lineWidth = 3 * unit;
  switch (shape) {
    case "dot": circle(2.2); on.fill(); break;
    case "disc": circle(6); on.fill(); break;
    case "ring": circle(5); on.lineWidth = 2.2 * unit; on.stroke(); break;
    case "play": path([4, 2.5], [4, 13.5], [13.5, 8]); on.fill(); break;
    case "diamond": path([8, 1], [15, 8], [8, 15], [1, 8]); on.fill(); break;
    case "cross": path([3, 3], [13, 13]); on.stroke(); path([13, 3], [3, 13]); on.stroke(); break;
    case "bar": path([2, 8], [14, 8]); on.stroke(); break;
    case "down": path([1.5, 3], [14.5, 3], [8, 14.5]); on.fill(); break;
    case "pause": for (const left of [3.5, 9.3]) { path([left, 2.5], [left + 3.2, 2.5], [left + 3.2, 13.5], [left, 13.5]); on.fill(); } break;
    case "question": path([4.5, 5.5], [8, 2.5], [11.5, 5.5], [8, 9], [8, 11]); on.lineWidth = 2.2 * unit; on.stroke(); circle(1.2); break;
  }
}

const FLAGS = 16;
const FADED = 0.16;

let last: { key: string; sprites: Sprites } | null = null;

/** Those of this size in the colours of now; made ahead, they are there when the answer is. */
export function spritesOf(cellWidth: number, cellHeight: number, ratio: number, bars: boolean): Sprites {
  const colours = palette();
  const key = JSON.stringify([colours, cellWidth, cellHeight, ratio, bars]);
  if (last?.key !== key) last = { key, sprites: new Sprites(colours, cellWidth, cellHeight, ratio, bars) };
  return last.sprites;
}

export class Sprites {
  readonly bitmap: ImageBitmap;
  readonly width: number;
  readonly height: number;

  /** For cells of this size; `bars` leaves room for a bar below a smaller mark. */
  constructor(readonly palette: Palette, cellWidth: number, cellHeight: number, ratio: number, bars: boolean) {
    this.width = Math.ceil(cellWidth * ratio);
    this.height = Math.ceil(cellHeight * ratio);
    const sheet = new OffscreenCanvas(this.width * FLAGS * 2, this.height * (STEP_STATES.length + 1));
    const on = sheet.getContext("2d");
    if (on === null) throw new Error("this browser draws no canvas");
    for (let code = NO_STEP + 1; code <= STEP_STATES.length; code++)
      for (let flags = 0; flags < FLAGS; flags++)
        for (const faded of [false, true]) {
          on.save();
          on.translate(this.left(flags, faded), this.height * code);
          on.beginPath();
          on.rect(0, 0, this.width, this.height);
          on.clip();
          on.scale(ratio, ratio);
          this.draw(on, code, flags, faded, cellWidth, cellHeight, bars);
          on.restore();
        }
    this.bitmap = sheet.transferToImageBitmap();
  }

  left(flags: number, faded: boolean): number {
    return this.width * (flags + (faded ? FLAGS : 0));
  }

  private draw(on: Context, code: number, flags: number, faded: boolean, width: number, height: number, bars: boolean): void {
    const state = stateOf(code);
    if (state === null) return;
    const { shape, tone } = STEP_LOOKS[state];
    const soft = this.palette.soft[tone];
    if (soft !== undefined && !faded) {
      on.fillStyle = soft;
      on.fillRect(0, 0, width, height);
    }
    on.globalAlpha = faded ? FADED : 1;
    on.fillStyle = on.strokeStyle = this.palette.tones[tone];
    const quiet = state === "completed";
    const size = Math.min(width, 16) * (bars ? 0.62 : quiet ? 0.62 : 0.74);
    const x = width / 2;
    const y = bars ? 6 : height / 2;
    if (!bars || !quiet) {
      if (flags & FLAG.carried && quiet) this.carried(on, x, y, size);
      else drawShape(on, shape, x, y, size);
    }
    this.marks(on, flags, x, y, size, width);
  }

  /** Its work was done in an earlier run: an open disc, with a line from the left. */
  private carried(on: Context, x: number, y: number, size: number): void {
    on.lineWidth = 1.4;
    on.beginPath();
    on.arc(x, y, size * 0.33, 0, 2 * Math.PI);
    on.moveTo(0, y);
    on.lineTo(x - size * 0.33, y);
    on.stroke();
  }

  private marks(on: Context, flags: number, x: number, y: number, size: number, width: number): void {
    if (flags & FLAG.approval) {
      const far = size * 0.5 + 2;
      on.lineWidth = 1;
      on.beginPath();
      on.moveTo(x, y - far);
      on.lineTo(x + far, y);
      on.lineTo(x, y + far);
      on.lineTo(x - far, y);
      on.closePath();
      on.stroke();
    }
    on.fillStyle = on.strokeStyle = this.palette.text;
    if (flags & FLAG.tried) {
      on.beginPath();
      on.moveTo(width - 5.5, 1);
      on.lineTo(width - 1, 1);
      on.lineTo(width - 1, 5.5);
      on.fill();
    }
    if (flags & FLAG.redone) {
      on.lineWidth = 1.4;
      on.beginPath();
      on.moveTo(x - 3.5, y + 8.5);
      on.lineTo(x + 3.5, y + 8.5);
      on.stroke();
    }
  }
}

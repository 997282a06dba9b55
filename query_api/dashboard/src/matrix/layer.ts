/**
 * A canvas that keeps what it has: scrolled a little, its picture is moved and only what has
 * come into sight is drawn. All in device pixels.
 */

export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Layer {
  private readonly on: CanvasRenderingContext2D;
  private what: unknown = null;
  private left = 0;
  private top = 0;

  constructor(readonly canvas: HTMLCanvasElement) {
    const on = canvas.getContext("2d");
    if (on === null) throw new Error("this browser draws no canvas");
    this.on = on;
  }

  /** As many pixels as the screen has there; what was drawn is lost, if they changed. */
  fit(width: number, height: number, ratio: number): void {
    const [wide, high] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.canvas.width === wide && this.canvas.height === high) return;
    this.canvas.width = wide;
    this.canvas.height = high;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.what = null;
  }

  /** Show the part at `left`, `top` of this. Another object is drawn anew as a whole. */
  show(what: unknown, left: number, top: number, draw: (on: CanvasRenderingContext2D, region: Region) => void): void {
    const { width, height } = this.canvas;
    const [right, down] = [this.left - left, this.top - top];
    const kept = this.what === what;
    this.what = what;
    this.left = left;
    this.top = top;
    if (kept && right === 0 && down === 0) return;
    if (!kept || Math.abs(right) >= width || Math.abs(down) >= height) {
      this.on.clearRect(0, 0, width, height);
      this.part({ x: 0, y: 0, width, height }, draw);
      return;
    }
    this.on.globalCompositeOperation = "copy"; // what it does not cover becomes empty
    this.on.drawImage(this.canvas, right, down);
    this.on.globalCompositeOperation = "source-over";
    for (const region of exposed(width, height, right, down)) this.part(region, draw);
  }

  private part(region: Region, draw: (on: CanvasRenderingContext2D, region: Region) => void): void {
    this.on.save();
    this.on.beginPath();
    this.on.rect(region.x, region.y, region.width, region.height);
    this.on.clip();
    draw(this.on, region);
    this.on.restore();
  }
}

/** What a picture that was moved leaves open: at most a strip at a side and one above or below. */
export function exposed(width: number, height: number, right: number, down: number): Region[] {
  const found: Region[] = [];
  if (right !== 0) found.push({ x: right > 0 ? 0 : width + right, y: 0, width: Math.abs(right), height });
  if (down !== 0) {
    // Beside the strip at the side, so that nothing is drawn twice.
    const x = Math.max(0, right);
    found.push({ x, y: down > 0 ? 0 : height + down, width: width - Math.abs(right), height: Math.abs(down) });
  }
  return found;
}

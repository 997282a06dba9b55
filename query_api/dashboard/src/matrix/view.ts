/**
 * What the matrix draws, apart from React: two canvases, step names in pooled rows, and a few
 * boxes over them. All of it is placed in the same frame, so nothing lags behind the scrolling.
 */

import { onThemeChange } from "../core/colours.ts";
import { brief } from "../core/durations.ts";
import { runScale } from "../core/matrix.ts";
import { box } from "./boxes.ts";
import { drawCells, type Model } from "./draw.ts";
import { afterMerge, atEnd, cellSize, reveal, type Place, type Scroll, type Size } from "./geometry.ts";
import { drawHeader, FONT, HEADER_HEIGHT } from "./header.ts";
import { Layer } from "./layer.ts";
import { NameRows } from "./names.ts";
import { Pointer } from "./pointer.ts";
import { palette, spritesOf, type Sprites } from "./sprites.ts";

export interface Parts {
  root: HTMLElement;
  scroller: HTMLElement;
  space: HTMLElement;
  cells: HTMLCanvasElement;
  head: HTMLCanvasElement;
  names: HTMLElement;
  /** Boxes: the row and the column under the pointer, the cursor, the selection. */
  hoverRow: HTMLElement;
  hoverColumn: HTMLElement;
  cursor: HTMLElement;
  selected: HTMLElement;
  tip: HTMLElement;
  /** What a full bar of the header stands for. */
  scale: HTMLElement;
}

export interface Listeners {
  onSelect: (place: Place) => void;
  /** Columns that are to be seen. */
  onWindow: (from: number, end: number) => void;
  /** The pointer rests on a run. */
  onRest: (place: Place) => void;
}

const SLIDE_MS = 220;
const MEASURED = 12;

export class MatrixView {
  size: Size = { cellWidth: 20, cellHeight: 22, rows: 0, columns: 0 };
  private model: Model | null = null;
  private sprites: Sprites | null = null;
  private colours = palette();
  private scale = 1;
  private ratio = devicePixelRatio;
  private frame = 0;
  private painted = false;
  private window = { width: 0, height: 0 };
  private left = 0;
  private top = 0;
  /** The column at the left edge: its number and place, to find it again. */
  private anchor = -1;
  private anchorPlace = 0;
  private slide = { from: 0, since: 0 };
  private cursor: Place | null = null;
  private selected: Place | null = null;
  private said = "";
  private drawn: { model: Model; sprites: Sprites } | null = null;
  private readonly cells: Layer;
  private readonly head: Layer;
  private readonly names: NameRows;
  private readonly pointer: Pointer;
  private readonly endings: (() => void)[] = [];

  constructor(private readonly parts: Parts, private readonly listeners: Listeners) {
    this.cells = new Layer(parts.cells);
    this.head = new Layer(parts.head);
    this.names = new NameRows(parts.names);
    const { scroller, head, names } = parts;
    const scrolled = () => this.scrolled();
    scroller.addEventListener("scroll", scrolled, { passive: true });
    const wheel = (event: WheelEvent) => {
      scroller.scrollBy(event.deltaX, event.deltaY);
      event.preventDefault();
    };
    for (const beside of [head, names]) beside.addEventListener("wheel", wheel, { passive: false });
    this.pointer = new Pointer(parts, listeners, {
      size: () => this.size,
      scroll: () => this.scroll(),
      model: () => this.model,
      moved: () => this.invalidate(),
    });
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(scroller);
    this.endings.push(
      () => observer.disconnect(),
      () => this.pointer.end(),
      () => scroller.removeEventListener("scroll", scrolled),
      onThemeChange(() => this.recoloured()),
    );
  }

  /** Show this. Where columns came or went, what was seen stays; at the end it follows. */
  show(model: Model): void {
    const before = this.model;
    const followed = before === null || atEnd(this.size, this.scroll());
    const { cellWidth, cellHeight } = cellSize(model.asked, model.bars);
    const columns = model.grid.columns;
    const grew = columns.length - this.size.columns;
    if (before === null || cellWidth !== this.size.cellWidth || cellHeight !== this.size.cellHeight || before.bars !== model.bars)
      this.sprites = null;
    const size = { cellWidth, cellHeight, rows: model.rows.length, columns: columns.length };
    const dropped = this.anchor < 0 ? 0 : this.anchorPlace - Math.max(0, model.grid.placeOf(this.anchor));
    const relaid = size.columns !== this.size.columns || cellWidth !== this.size.cellWidth;
    const sameGrid = before?.grid === model.grid;
    this.model = model;
    this.size = size;
    this.scale = runScale(model.grid);
    this.parts.scale.textContent = brief(this.scale);
    this.parts.space.style.width = `${size.columns * cellWidth}px`;
    this.parts.space.style.height = `${size.rows * cellHeight}px`;
    this.names.set(model, size);
    if (before?.grid.steps !== model.grid.steps || before.rows !== model.rows) this.fitNames();
    this.measure();
    if (relaid || dropped !== 0) {
      const left = afterMerge(size, this.scroll(), followed, dropped);
      if (followed && sameGrid && left > 0 && grew > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches)
        this.slide = { from: grew * cellWidth, since: performance.now() };
      this.parts.scroller.scrollLeft = left;
    }
    this.scrolled();
  }

  /** Place the cursor (null: not focused) and the selection. */
  mark(cursor: Place | null, selected: Place | null): void {
    this.cursor = cursor;
    this.selected = selected;
    this.invalidate();
  }

  reveal(place: Place): void {
    const to = reveal(this.size, this.scroll(), place);
    this.parts.scroller.scrollLeft = to.left;
    this.parts.scroller.scrollTop = to.top;
  }

  /** What rests under the pointer is known better now. */
  retell(): void {
    this.pointer.retell();
  }

  /** Rows of a page. */
  get page(): number {
    return Math.max(1, Math.floor(this.window.height / this.size.cellHeight) - 1);
  }

  scroll(): Scroll {
    return { left: this.left, top: this.top, ...this.window };
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    for (const ending of this.endings) ending();
  }

  private scrolled(): void {
    this.left = this.parts.scroller.scrollLeft;
    this.top = this.parts.scroller.scrollTop;
    this.anchorPlace = Math.floor(this.left / this.size.cellWidth);
    this.anchor = this.model?.grid.columns[this.anchorPlace]?.number ?? -1;
    this.invalidate();
  }

  private resized(): void {
    const followed = atEnd(this.size, this.scroll());
    this.measure();
    if (followed) this.parts.scroller.scrollLeft = this.size.columns * this.size.cellWidth;
    this.scrolled();
    this.paint(); // a canvas that changed its size is empty until it is drawn
  }

  private measure(): void {
    const { clientWidth: width, clientHeight: height } = this.parts.scroller;
    if (devicePixelRatio !== this.ratio) this.sprites = null;
    this.ratio = devicePixelRatio;
    this.window = { width, height };
    this.cells.fit(width, height, this.ratio);
    this.head.fit(width, HEADER_HEIGHT, this.ratio);
  }

  private fitNames(): void {
    const on = this.parts.head.getContext("2d");
    if (on === null || this.model === null) return;
    on.font = `13px ${FONT}`;
    const { steps } = this.model.grid;
    // Measuring is slow: the widest is one of the longest.
    const longest = Array.from(this.model.rows, (row) => steps[row]?.name ?? "").sort((a, b) => b.length - a.length).slice(0, MEASURED);
    const widest = Math.max(0, ...longest.map((name) => on.measureText(name).width));
    const most = Math.max(110, Math.min(300, this.parts.root.clientWidth * 0.35));
    this.parts.root.style.setProperty("--names", `${Math.round(Math.max(96, Math.min(most, widest + 38)))}px`);
  }

  private recoloured(): void {
    this.colours = palette();
    this.sprites = null;
    this.invalidate();
  }

  private invalidate(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { model, size, parts } = this;
    if (model === null || this.window.width === 0) return;
    if (devicePixelRatio !== this.ratio) this.measure();
    const { cellWidth, cellHeight } = size;
    const sprites = (this.sprites ??= spritesOf(cellWidth, cellHeight, this.ratio, model.bars));
    const scroll = this.sliding();
    const { ratio } = this;
    const window = { left: Math.round(scroll.left * ratio), top: Math.round(scroll.top * ratio), ratio };
    // What is drawn is told by what it is drawn from: these are made anew whenever it is another.
    if (this.drawn?.model !== model || this.drawn.sprites !== sprites) this.drawn = { model, sprites };
    this.cells.show(this.drawn, window.left, window.top, (on, region) => drawCells(on, region, model, size, window, sprites));
    this.head.show(this.drawn, window.left, 0, (on, region) =>
      drawHeader(on, region, model, size, { ...window, top: 0 }, this.colours, this.scale));
    this.names.place(scroll);
    const { hovered } = this.pointer;
    box(parts.hoverRow, hovered && hovered.row >= 0 ? { row: hovered.row, column: 0 } : null, size, scroll, "row");
    box(parts.hoverColumn, hovered, size, scroll, "column");
    box(parts.cursor, this.cursor, size, scroll, "cell");
    box(parts.selected, this.selected, size, scroll, "cell");
    this.tell(scroll);
    if (!this.painted) performance.mark("matrix-painted");
    this.painted = true;
  }

  private sliding(): Scroll {
    const scroll = this.scroll();
    const past = (performance.now() - this.slide.since) / SLIDE_MS;
    if (this.slide.from === 0 || past >= 1) {
      this.slide.from = 0;
      return scroll;
    }
    this.invalidate();
    return { ...scroll, left: Math.max(0, Math.round(scroll.left - this.slide.from * (1 - past) ** 2)) };
  }

  private tell(scroll: Scroll): void {
    const from = Math.max(0, Math.floor(scroll.left / this.size.cellWidth));
    const end = Math.min(this.size.columns, Math.ceil((scroll.left + scroll.width) / this.size.cellWidth));
    const said = `${from}-${end}`;
    if (said === this.said) return;
    this.said = said;
    this.listeners.onWindow(from, end);
  }
}

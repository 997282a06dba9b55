/**
 * What the matrix draws, apart from React: two canvases, step names in pooled rows, and a few
 * boxes over them. All of it is placed in the same frame, so nothing lags behind the scrolling.
 */

import { onThemeChange } from "../core/colours.ts";
import { duration } from "../core/format.ts";
import { runScale } from "../core/matrix.ts";
import { drawCells, type Model } from "./draw.ts";
import { afterMerge, atEnd, cellAt, cellSize, reveal, type Place, type Scroll, type Size } from "./geometry.ts";
import { drawHeader, FONT, HEADER_HEIGHT } from "./header.ts";
import { NameRows } from "./names.ts";
import { Sprites, palette } from "./sprites.ts";
import { Tip } from "./tip.ts";

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

const REST_MS = 150;
const SLIDE_MS = 220;

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
  private hovered: Place | null = null;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private said = "";
  private readonly names: NameRows;
  private readonly tip: Tip;
  private readonly endings: (() => void)[] = [];

  constructor(private readonly parts: Parts, private readonly listeners: Listeners) {
    this.names = new NameRows(parts.names);
    this.tip = new Tip(parts.tip, parts.root);
    const { scroller, head, names } = parts;
    this.on(scroller, "scroll", () => this.scrolled());
    this.on(scroller, "pointermove", (event) => this.pointed(event, false));
    this.on(scroller, "pointerleave", () => this.unhover());
    this.on(scroller, "click", (event) => this.clicked(event, false));
    this.on(head, "pointermove", (event) => this.pointed(event, true));
    this.on(head, "pointerleave", () => this.unhover());
    this.on(head, "click", (event) => this.clicked(event, true));
    for (const beside of [head, names])
      this.on(beside, "wheel", (event) => {
        scroller.scrollBy(event.deltaX, event.deltaY);
        event.preventDefault();
      });
    const observer = new ResizeObserver(() => this.resized());
    observer.observe(scroller);
    this.endings.push(() => observer.disconnect(), onThemeChange(() => this.recoloured()));
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
    this.parts.scale.textContent = short(this.scale);
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

  /** Rows of a page. */
  get page(): number {
    return Math.max(1, Math.floor(this.window.height / this.size.cellHeight) - 1);
  }

  scroll(): Scroll {
    return { left: this.left, top: this.top, ...this.window };
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.restTimer);
    for (const ending of this.endings) ending();
  }

  private on<K extends keyof HTMLElementEventMap>(element: HTMLElement, name: K, listener: (event: HTMLElementEventMap[K]) => void): void {
    element.addEventListener(name, listener, { passive: name !== "wheel" });
    this.endings.push(() => element.removeEventListener(name, listener));
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
    const { scroller, cells, head } = this.parts;
    const { clientWidth: width, clientHeight: height } = scroller;
    if (devicePixelRatio !== this.ratio) this.sprites = null;
    this.ratio = devicePixelRatio;
    this.window = { width, height };
    fit(cells, width, height, this.ratio);
    fit(head, width, HEADER_HEIGHT, this.ratio);
  }

  private fitNames(): void {
    const on = this.parts.head.getContext("2d");
    if (on === null || this.model === null) return;
    on.setTransform(1, 0, 0, 1, 0, 0);
    on.font = `13px ${FONT}`;
    let widest = 0;
    for (const row of this.model.rows) widest = Math.max(widest, on.measureText(this.model.grid.steps[row]?.name ?? "").width);
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
    const cells = parts.cells.getContext("2d");
    const head = parts.head.getContext("2d");
    if (model === null || cells === null || head === null || this.window.width === 0) return;
    if (devicePixelRatio !== this.ratio) this.measure();
    const { cellWidth, cellHeight } = size;
    this.sprites ??= new Sprites(this.colours, cellWidth, cellHeight, this.ratio, model.bars);
    const scroll = this.sliding();
    drawCells(cells, model, size, scroll, this.sprites, this.ratio);
    drawHeader(head, model, size, scroll, this.colours, this.scale, this.ratio);
    this.names.place(scroll);
    box(parts.hoverRow, this.hovered && this.hovered.row >= 0 ? { row: this.hovered.row, column: 0 } : null, size, scroll, "row");
    box(parts.hoverColumn, this.hovered, size, scroll, "column");
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

  private placeOf(event: MouseEvent, inHead: boolean): Place | null {
    const bounds = (inHead ? this.parts.head : this.parts.scroller).getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const y = event.clientY - bounds.top;
    if (x >= this.window.width || (!inHead && y >= this.window.height)) return null;
    if (!inHead) return cellAt(this.size, this.scroll(), x, y);
    const column = Math.floor((x + this.left) / this.size.cellWidth);
    return column < this.size.columns ? { row: -1, column } : null;
  }

  private pointed(event: PointerEvent, inHead: boolean): void {
    const place = this.placeOf(event, inHead);
    if (place === null || this.model === null) return this.unhover();
    if (place.row !== this.hovered?.row || place.column !== this.hovered.column) {
      this.hovered = place;
      clearTimeout(this.restTimer);
      this.restTimer = setTimeout(() => this.listeners.onRest(place), REST_MS);
      this.invalidate();
    }
    this.tip.show(this.model, place, event.clientX, event.clientY);
  }

  /** What rests under the pointer is known better now. */
  retell(): void {
    if (this.hovered !== null && this.model !== null) this.tip.say(this.model, this.hovered);
  }

  private unhover(): void {
    clearTimeout(this.restTimer);
    this.hovered = null;
    this.tip.hide();
    this.invalidate();
  }

  private clicked(event: MouseEvent, inHead: boolean): void {
    const place = this.placeOf(event, inHead);
    if (place !== null) this.listeners.onSelect(place);
  }
}

/** `5 min` rather than `5 min 00 s`. */
function short(seconds: number): string {
  return duration(seconds).replace(/ 00 (s|min)$/, "");
}

function fit(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width === w && canvas.height === h) return;
  canvas.width = w;
  canvas.height = h;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

/** Lay a box over a cell, a whole row or a whole column (header included). */
function box(element: HTMLElement, place: Place | null, size: Size, scroll: Scroll, what: "cell" | "row" | "column"): void {
  if (place === null) {
    element.style.visibility = "hidden";
    return;
  }
  const left = what === "row" ? 0 : place.column * size.cellWidth - scroll.left;
  const whole = what === "column" || place.row < 0;
  const top = whole ? -HEADER_HEIGHT : place.row * size.cellHeight - scroll.top;
  const width = what === "row" ? scroll.width : size.cellWidth;
  const header = place.row < 0 && what === "cell";
  const height = header ? HEADER_HEIGHT : what === "column" ? scroll.height + HEADER_HEIGHT : size.cellHeight;
  const outside = left + width <= 0 || left >= scroll.width || (!whole && (top + height <= 0 || top >= scroll.height));
  element.style.visibility = outside ? "hidden" : "visible";
  element.style.transform = `translate(${left}px, ${top}px)`;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

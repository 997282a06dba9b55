/** The names of the steps in sight: as few rows as there is room for, used again while scrolling. */

import type { Model } from "./draw.ts";
import type { Scroll, Size } from "./geometry.ts";

export class NameRows {
  private readonly pool: HTMLElement[] = [];
  private model: Model | null = null;
  private size: Size = { cellWidth: 1, cellHeight: 1, rows: 0, columns: 0 };

  /** Moved as one: of its rows only those that come into sight are touched. */
  private readonly moving = document.createElement("div");

  constructor(parent: HTMLElement) {
    parent.append(this.moving);
  }

  set(model: Model, size: Size): void {
    this.model = model;
    this.size = size;
    for (const row of this.pool) delete row.dataset.at;
  }

  place(scroll: Scroll): void {
    const { cellHeight, rows } = this.size;
    const first = Math.max(0, Math.floor(scroll.top / cellHeight));
    const end = Math.min(rows, Math.ceil((scroll.top + scroll.height) / cellHeight));
    while (this.pool.length < end - first) this.add();
    this.moving.style.transform = `translateY(${-scroll.top}px)`;
    for (const [index, element] of this.pool.entries()) {
      // Row n always uses element n % size: a small scroll changes few of them.
      const size = this.pool.length;
      const at = first + ((((index - first) % size) + size) % size);
      const to = at < end ? String(at) : "";
      if (element.dataset.at !== to) this.write(element, at, to);
    }
  }

  private add(): void {
    const element = document.createElement("div");
    element.className = "matrix-name";
    this.moving.append(element);
    this.pool.push(element);
    for (const row of this.pool) delete row.dataset.at;
  }

  private write(element: HTMLElement, at: number, to: string): void {
    const step = this.model?.grid.steps[this.model.rows[at] ?? -1];
    element.dataset.at = to;
    element.hidden = to === "";
    element.style.transform = `translateY(${at * this.size.cellHeight}px)`;
    element.dataset.kind = step?.kind;
    element.style.height = element.style.lineHeight = `${this.size.cellHeight}px`;
    element.textContent = element.title = step?.name ?? "";
  }
}

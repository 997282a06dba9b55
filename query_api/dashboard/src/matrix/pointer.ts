/** What the pointer is over: told by the tip and two boxes, and opened by a click. */

import type { Model } from "./draw.ts";
import { cellAt, type Place, type Scroll, type Size } from "./geometry.ts";
import { Tip } from "./tip.ts";
import type { Listeners, Parts } from "./view.ts";

interface Seen {
  size: () => Size;
  scroll: () => Scroll;
  model: () => Model | null;
  /** It is over another cell, or over none. */
  moved: () => void;
}

const REST_MS = 150;

export class Pointer {
  hovered: Place | null = null;
  private readonly tip: Tip;
  private readonly listening = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: Parts, private readonly listeners: Pick<Listeners, "onSelect" | "onRest">, private readonly seen: Seen) {
    this.tip = new Tip(parts.tip, parts.root);
    const options = { signal: this.listening.signal, passive: true };
    for (const element of [parts.scroller, parts.head]) {
      const inHead = element === parts.head;
      element.addEventListener("pointermove", (event) => this.pointed(this.placeOf(event, element, inHead), event), options);
      element.addEventListener("pointerleave", () => this.unhover(), options);
      element.addEventListener("click", (event) => {
        const place = this.placeOf(event, element, inHead);
        if (place !== null) this.listeners.onSelect(place);
      }, options);
    }
  }

  /** What it rests on is known better now. */
  retell(): void {
    const model = this.seen.model();
    if (this.hovered !== null && model !== null) this.tip.say(model, this.hovered);
  }

  end(): void {
    clearTimeout(this.timer);
    this.listening.abort();
  }

  private placeOf(event: MouseEvent, element: HTMLElement, inHead: boolean): Place | null {
    const [size, scroll] = [this.seen.size(), this.seen.scroll()];
    const bounds = element.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const y = event.clientY - bounds.top;
    if (x >= scroll.width || (!inHead && y >= scroll.height)) return null; // a scrollbar
    if (!inHead) return cellAt(size, scroll, x, y);
    const column = Math.floor((x + scroll.left) / size.cellWidth);
    return column < size.columns ? { row: -1, column } : null;
  }

  private pointed(place: Place | null, event: PointerEvent): void {
    const model = this.seen.model();
    if (place === null || model === null) return this.unhover();
    if (place.row !== this.hovered?.row || place.column !== this.hovered.column) {
      this.hovered = place;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.listeners.onRest(place), REST_MS);
      this.seen.moved();
    }
    this.tip.show(model, place, event.clientX, event.clientY);
  }

  private unhover(): void {
    clearTimeout(this.timer);
    this.hovered = null;
    this.tip.hide();
    this.seen.moved();
  }
}

/** The boxes that are laid over cells. */


import type { Place, Scroll, Size } from "./geometry.ts";
import { HEADER_HEIGHT } from "./header.ts";

/** Lay a box over a cell, a whole row or a whole column (header included). */
export function box(element: HTMLElement, place: Place | null, size: Size, scroll: Scroll, what: "cell" | "row" | "column"): void {
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

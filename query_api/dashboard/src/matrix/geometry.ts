/** Where cells are: whole pixels, so that nothing is blurred. */

export interface Place {
  /** Row among those shown; -1 is the header. */
  row: number;
  column: number;
}

export interface Size {
  cellWidth: number;
  cellHeight: number;
  rows: number;
  columns: number;
}

export interface Scroll {
  left: number;
  top: number;
  /** Of the window onto the cells, without scrollbars. */
  width: number;
  height: number;
}

export interface Range {
  firstRow: number;
  endRow: number;
  firstColumn: number;
  endColumn: number;
}

/** Wide cells where there are few runs. It depends on how many were asked for: new ones change nothing. */
export function cellSize(asked: number, bars: boolean): { cellWidth: number; cellHeight: number } {
  const cellWidth = asked <= 25 ? 30 : asked <= 50 ? 24 : asked <= 100 ? 20 : asked <= 365 ? 16 : 14;
  return { cellWidth, cellHeight: bars ? 34 : 22 };
}

/** What is to be seen, half-shown cells included; the ends are not. */
export function visible(size: Size, scroll: Scroll): Range {
  return {
    firstRow: Math.max(0, Math.floor(scroll.top / size.cellHeight)),
    endRow: Math.min(size.rows, Math.ceil((scroll.top + scroll.height) / size.cellHeight)),
    firstColumn: Math.max(0, Math.floor(scroll.left / size.cellWidth)),
    endColumn: Math.min(size.columns, Math.ceil((scroll.left + scroll.width) / size.cellWidth)),
  };
}

/** The cell under a point of the window, or null beside all of them. */
export function cellAt(size: Size, scroll: Scroll, x: number, y: number): Place | null {
  const column = Math.floor((x + scroll.left) / size.cellWidth);
  const row = Math.floor((y + scroll.top) / size.cellHeight);
  const within = column >= 0 && column < size.columns && row >= 0 && row < size.rows;
  return within ? { row, column } : null;
}

/** How far to scroll so that a cell is seen whole; as little as that takes. */
export function reveal(size: Size, scroll: Scroll, place: Place): { left: number; top: number } {
  return {
    left: nearest(scroll.left, scroll.width, place.column * size.cellWidth, size.cellWidth),
    top: place.row < 0 ? scroll.top : nearest(scroll.top, scroll.height, place.row * size.cellHeight, size.cellHeight),
  };
}

function nearest(at: number, length: number, from: number, size: number): number {
  if (from < at) return from;
  return from + size > at + length ? from + size - length : at;
}

/** Whether the newest column is in sight: then new ones may push the others along. */
export function atEnd(size: Size, scroll: Scroll): boolean {
  return scroll.left + scroll.width >= size.columns * size.cellWidth - size.cellWidth / 2;
}

/** Where to scroll after columns came at the right and went at the left: what was seen stays. */
export function afterMerge(size: Size, scroll: Scroll, wasAtEnd: boolean, dropped: number): number {
  const furthest = Math.max(0, size.columns * size.cellWidth - scroll.width);
  return wasAtEnd ? furthest : Math.max(0, scroll.left - dropped * size.cellWidth);
}

/** Where the cursor goes. */

import type { Place } from "./geometry.ts";

export interface Field {
  rows: number;
  columns: number;
  /** Rows of a page. */
  page: number;
}

/** The cell that a key leads to; null where the key is none of ours. */
export function moved(from: Place, key: string, field: Field, withCtrl = false): Place | null {
  const last = { row: field.rows - 1, column: field.columns - 1 };
  const { row, column } = from;
  const to = (nextRow: number, nextColumn: number): Place => ({
    row: Math.min(Math.max(nextRow, -1), last.row),
    column: Math.min(Math.max(nextColumn, 0), last.column),
  });
  switch (key) {
    case "ArrowLeft": return to(row, withCtrl ? 0 : column - 1);
    case "ArrowRight": return to(row, withCtrl ? last.column : column + 1);
    case "ArrowUp": return to(withCtrl ? 0 : row - 1, column);
    case "ArrowDown": return to(withCtrl ? last.row : row + 1, column);
    case "Home": return to(withCtrl ? 0 : row, 0);
    case "End": return to(withCtrl ? last.row : row, last.column);
    case "PageUp": return to(Math.max(0, row - field.page), column);
    case "PageDown": return to(row + field.page, column);
    default: return null;
  }
}

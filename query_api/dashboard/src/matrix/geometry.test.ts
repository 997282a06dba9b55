import { describe, expect, it } from "vitest";
import { afterMerge, atEnd, cellAt, reveal, visible } from "./geometry.ts";

const SIZE = { cellWidth: 20, cellHeight: 10, rows: 50, columns: 30 };
const at = (left: number, top: number) => ({ left, top, width: 100, height: 40 });

describe("geometry", () => {
  it("shows what is in the window, halves included", () => {
    expect(visible(SIZE, at(0, 0))).toEqual({ firstRow: 0, endRow: 4, firstColumn: 0, endColumn: 5 });
    expect(visible(SIZE, at(10, 5))).toEqual({ firstRow: 0, endRow: 5, firstColumn: 0, endColumn: 6 });
    expect(visible(SIZE, at(550, 480))).toEqual({ firstRow: 48, endRow: 50, firstColumn: 27, endColumn: 30 });
  });

  it("finds the cell under a point, and none beside the grid", () => {
    expect(cellAt(SIZE, at(100, 100), 19, 9)).toEqual({ row: 10, column: 5 });
    expect(cellAt(SIZE, at(580, 0), 30, 0)).toBeNull();
  });

  it("scrolls no further than it must", () => {
    expect(reveal(SIZE, at(0, 0), { row: 2, column: 2 })).toEqual({ left: 0, top: 0 });
    expect(reveal(SIZE, at(0, 0), { row: 4, column: 5 })).toEqual({ left: 20, top: 10 });
    expect(reveal(SIZE, at(200, 200), { row: 3, column: 1 })).toEqual({ left: 20, top: 30 });
    expect(reveal(SIZE, at(200, 200), { row: -1, column: 1 })).toEqual({ left: 20, top: 200 });
  });

  it("follows new columns at the end, and stays where it is elsewhere", () => {
    expect(atEnd(SIZE, at(500, 0))).toBe(true);
    expect(atEnd(SIZE, at(400, 0))).toBe(false);
    const more = { ...SIZE, columns: 32 };
    expect(afterMerge(more, at(500, 0), true, 0)).toBe(540);
    expect(afterMerge(more, at(200, 0), false, 0)).toBe(200);
    expect(afterMerge(SIZE, at(200, 0), false, 2)).toBe(160);
  });
});

import { describe, expect, it } from "vitest";
import { moved } from "./keyboard.ts";

const FIELD = { rows: 100, columns: 40, page: 20 };
const from = { row: 50, column: 10 };

describe("keys", () => {
  it.each([
    ["ArrowLeft", 50, 9],
    ["ArrowRight", 50, 11],
    ["ArrowUp", 49, 10],
    ["ArrowDown", 51, 10],
    ["Home", 50, 0],
    ["End", 50, 39],
    ["PageUp", 30, 10],
    ["PageDown", 70, 10],
  ])("%s leads to row %i, column %i", (key, row, column) => {
    expect(moved(from, key, FIELD)).toEqual({ row, column });
  });

  it("with Ctrl lead to the corners", () => {
    expect(moved(from, "Home", FIELD, true)).toEqual({ row: 0, column: 0 });
    expect(moved(from, "End", FIELD, true)).toEqual({ row: 99, column: 39 });
  });

  it("end at the edges; above the first row is the header", () => {
    expect(moved({ row: 0, column: 39 }, "ArrowRight", FIELD)).toEqual({ row: 0, column: 39 });
    expect(moved({ row: 0, column: 0 }, "ArrowUp", FIELD)).toEqual({ row: -1, column: 0 });
    expect(moved({ row: -1, column: 0 }, "ArrowUp", FIELD)).toEqual({ row: -1, column: 0 });
    expect(moved({ row: 99, column: 0 }, "PageDown", FIELD)).toEqual({ row: 99, column: 0 });
  });

  it("that are others' are left alone", () => expect(moved(from, "a", FIELD)).toBeNull());
});

import { describe, expect, it } from "vitest";
import { exposed } from "./layer.ts";

describe("what a moved picture leaves open", () => {
  it("is nothing where it has not moved", () => expect(exposed(100, 50, 0, 0)).toEqual([]));
  it("is a strip at the side that it moved away from", () => {
    expect(exposed(100, 50, 10, 0)).toEqual([{ x: 0, y: 0, width: 10, height: 50 }]);
    expect(exposed(100, 50, -10, 0)).toEqual([{ x: 90, y: 0, width: 10, height: 50 }]);
    expect(exposed(100, 50, 0, -5)).toEqual([{ x: 0, y: 45, width: 100, height: 5 }]);
  });
  it.each([[10, 5], [-10, 5], [10, -5], [-10, -5]])("is covered once, moved by %i and %i", (right, down) => {
    const covered = new Uint8Array(100 * 50);
    for (const { x, y, width, height } of exposed(100, 50, right, down))
      for (let row = y; row < y + height; row++)
        for (let column = x; column < x + width; column++) covered[row * 100 + column]! += 1;
    for (let row = 0; row < 50; row++)
      for (let column = 0; column < 100; column++) {
        const kept = column - right >= 0 && column - right < 100 && row - down >= 0 && row - down < 50;
        expect(covered[row * 100 + column]).toBe(kept ? 0 : 1);
      }
  });
});

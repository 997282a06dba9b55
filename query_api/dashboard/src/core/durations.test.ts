import { describe, expect, it } from "vitest";
import { Spread, brief, percentile, roundUp, ticks, usual } from "./durations.ts";

describe("percentiles", () => {
  it("lie between values", () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([5], 0.95)).toBe(5);
    expect(percentile([], 0.5)).toBeNull();
  });
  it("of steps count those that completed", () => {
    const found = usual([{ name: "a" }, { name: "b" }], [
      { cells: "cc", durations: [1, 10] }, { cells: "cf", durations: [3, 99] }, { cells: "c.", durations: [2, null] },
      { cells: "cc", durations: null },
    ]);
    expect(found[0]).toEqual({ step: "a", count: 3, p50: 2, p95: 2.9, longest: 3 });
    expect(found[1]).toMatchObject({ count: 1, p50: 10, longest: 10 });
  });
});

describe("a scale", () => {
  it("has lines at times that people count in", () => {
    expect(ticks(100, 5)).toEqual([0, 30, 60, 90, 120]);
    expect(ticks(3600, 4)).toEqual([0, 900, 1800, 2700, 3600]);
    expect(ticks(0.004, 4)).toEqual([0, 0.001, 0.002, 0.003, 0.004]);
  });
  it("of nothing is a line at 0, and of years has few", () => {
    expect(ticks(0, 5)).toEqual([0]);
    expect(ticks(3e8, 5).length).toBeLessThanOrEqual(6);
  });
});

describe("what bars are measured by", () => {
  it("rises in times that people count in", () => {
    expect([0.7, 1, 3, 21, 0, 4990, 1e6].map(roundUp)).toEqual([1, 1, 3, 30, 1, 5400, 1209600]);
    expect([300, 7200, 45, 3].map(brief)).toEqual(["5 min", "2 h", "45 s", "3 s"]);
  });
  it("is what nearly all stay within", () => {
    const spread = new Spread();
    for (let at = 0; at < 99; at++) spread.add(8);
    spread.add(4000);
    spread.add(NaN);
    expect(spread.within(0.97)).toBe(8);
    expect(spread.within(1)).toBeGreaterThanOrEqual(4000);
    expect(new Spread().within(0.97)).toBe(0);
  });
});

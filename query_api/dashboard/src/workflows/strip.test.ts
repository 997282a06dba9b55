import { expect, test } from "vitest";
import type { RecentRun } from "../api/query.ts";
import { marks, markTitle } from "./strip.ts";

function run(number: number, duration_s: number | null): RecentRun {
  return { run_id: `r${number}`, number, state: duration_s === null ? "running" : "failed", duration_s, created_at: "2026-11-01T12:00:00Z" };
}

test("the newest stands at the right", () => {
  expect(marks([run(3, 1), run(2, 1)]).map((mark) => mark.run.number)).toEqual([2, 3]);
});

test("the longest is as high as it goes, and none is too low to be seen", () => {
  expect(marks([run(3, 100), run(2, 50), run(1, 0.1)]).map((mark) => mark.height)).toEqual([0.12, 0.5, 1]);
});

test("one that goes on has no height yet", () => {
  expect(marks([run(1, null)])[0]?.height).toBeNull();
});

test("a title says all that the mark shows", () => {
  const now = Date.parse("2026-11-01T14:00:00Z");
  expect(markTitle(run(3, 200), now)).toBe("#3 failed after 3 min 20 s, 2 h ago");
  expect(markTitle(run(4, null), now)).toBe("#4 running, 2 h ago");
});

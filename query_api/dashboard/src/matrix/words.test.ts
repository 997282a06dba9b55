import { describe, expect, it } from "vitest";
import { Grid } from "../core/matrix.ts";
import { cellSentence, columnSentence } from "./words.ts";

const run = {
  version: 2, state: "failed" as const, created_at: "2026-01-01T00:00:00Z", retry_of: null, degraded: false,
};
const grid = new Grid({
  position: 1,
  steps: ["fetch", "build"].map((name) => ({ name, kind: "task" as const, needs: [] })),
  runs: [
    { ...run, run_id: "b", number: 42, retry_of: "a", duration_s: 200, cells: "cf", flags: "18", durations: [1.5, null], attempts: [1, 3] },
    { ...run, run_id: "a", number: 41, retry_of: "z", duration_s: null, cells: "c ", flags: "6 ", durations: null, attempts: null },
  ],
});

describe("words", () => {
  it("say step, run, state and what is marked", () => {
    expect(cellSentence(grid, 1, 1)).toBe("step build, run 42, failed, attempt 3");
    expect(cellSentence(grid, 0, 1)).toBe("step fetch, run 42, completed, carried over, 1.5 s");
    expect(cellSentence(grid, 0, 0)).toBe("step fetch, run 41, completed, redone, has an approval");
    expect(cellSentence(grid, 1, 0)).toBe("step build, run 41, no such step in this version");
  });
  it("tell of a run, and of which it is a retry", () => {
    expect(columnSentence(grid, 1)).toMatch(/^run 42, failed, 3 min 20 s, created .*, version 2, a retry of run 41$/);
    expect(columnSentence(grid, 0)).toMatch(/a retry of an older run$/);
  });
});

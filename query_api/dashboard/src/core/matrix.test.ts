import { describe, expect, it } from "vitest";
import type { Matrix, MatrixRun } from "../api/query.ts";
import { FLAG, Grid, NO_STEP, codeOf, rowsOf, runScale, scales, stateOf, tally } from "./matrix.ts";

const STEPS = ["fetch", "build", "ship"].map((name) => ({ name, kind: "task" as const, needs: [] }));

function run(number: number, cells: string, more: Partial<MatrixRun> = {}): MatrixRun {
  return {
    run_id: `id-${number}`, number, version: 1, state: "completed", created_at: "2026-01-01T00:00:00Z",
    duration_s: 1, retry_of: null, cells, flags: "0".repeat(cells.length), durations: null, attempts: null,
    degraded: false, ...more,
  };
}
const answer = (runs: MatrixRun[], steps: Matrix["steps"] = STEPS, position = 1) => ({ steps, runs, position });
const states = (grid: Grid, place: number) => [...(grid.columns[place]?.cells ?? [])].map(stateOf);

describe("a grid", () => {
  it("has the newest run at the right", () => {
    const grid = new Grid(answer([run(9, "ccc"), run(7, "cf."), run(4, "ccc")]));
    expect(grid.columns.map((one) => one.number)).toEqual([4, 7, 9]);
    expect(states(grid, 1)).toEqual(["completed", "failed", "not_started"]);
    expect(grid.placeOf(7)).toBe(1);
    expect(grid.placeOf(5)).toBe(-1);
    expect(grid.placeOfId("id-9")).toBe(2);
  });

  it("knows every state and every flag", () => {
    const eight = [..."abcdefgh"].map((name) => ({ name, kind: "task" as const, needs: [] }));
    const grid = new Grid(answer([run(1, ".qrcwfxj", { flags: "01248af " })], eight));
    expect(states(grid, 0)).toEqual(
      ["not_started", "queued", "running", "completed", "waiting_for_approval", "failed", "canceled", "rejected"],
    );
    expect([...(grid.columns[0]?.flags ?? [])]).toEqual([0, 1, 2, 4, 8, 10, 15, 0]);
  });

  it("leaves open where a version has no such step", () => {
    const grid = new Grid(answer([run(1, "c c")]));
    expect(grid.columns[0]?.cells[1]).toBe(NO_STEP);
  });
});

describe("merging", () => {
  it("changes a column in place and adds newer ones", () => {
    const grid = new Grid(answer([run(2, "cr."), run(1, "ccc")]));
    const merged = grid.merge(answer([run(3, "q.."), run(2, "ccr")]), 100, true);
    expect(merged).toEqual({ added: 1, dropped: 0, otherSteps: false });
    expect(grid.columns.map((one) => one.number)).toEqual([1, 2, 3]);
    expect(states(grid, 1)).toEqual(["completed", "completed", "running"]);
  });

  it("takes nothing from an answer that a newer one has overtaken", () => {
    const grid = new Grid(answer([run(1, "c..")], STEPS, 7));
    grid.merge(answer([run(1, "r..")], STEPS, 6), 100, true);
    expect(states(grid, 0)[0]).toBe("completed");
  });

  it("maps fewer steps by their names", () => {
    const grid = new Grid(answer([run(1, "ccc")]));
    grid.merge(answer([run(2, "fc", { flags: "80" })], [STEPS[2]!, STEPS[0]!]), 100, true);
    expect(states(grid, 1)).toEqual(["completed", null, "failed"]);
    expect(grid.columns[1]?.flags[2]).toBe(FLAG.tried);
  });

  it("says so when it has no row for a step", () => {
    const grid = new Grid(answer([run(1, "ccc")]));
    const steps = [{ name: "new", kind: "task" as const, needs: [] }];
    expect(grid.merge(answer([run(2, "c")], steps), 100, true).otherSteps).toBe(true);
    expect(grid.columns.length).toBe(1);
  });

  it("lets the oldest go, and newer ones only where they are wanted", () => {
    const grid = new Grid(answer([run(2, "ccc"), run(1, "ccc")]));
    expect(grid.merge(answer([run(3, "ccc")]), 2, true)).toMatchObject({ added: 1, dropped: 1 });
    expect(grid.columns.map((one) => one.number)).toEqual([2, 3]);
    expect(grid.placeOf(3)).toBe(1);
    expect(grid.merge(answer([run(4, "ccc")]), 9, false)).toMatchObject({ added: 0 });
  });
});

describe("rows", () => {
  const grid = new Grid(answer([run(2, "cfc"), run(1, "ccc", { flags: "008" })]));
  const names = (filter: { name?: string; only?: string }) =>
    [...rowsOf(grid, { name: "", only: "", ...filter })].map((row) => grid.steps[row]?.name);

  it("are found by a part of the name", () => expect(names({ name: " UIL" })).toEqual(["build"]));
  it("are found by a state that some run is in", () => expect(names({ only: "failed" })).toEqual(["build"]));
  it("ever failed where an attempt did, too", () => expect(names({ only: "ever-failed" })).toEqual(["build", "ship"]));
  it("are counted by state", () => {
    const found = tally(grid, rowsOf(grid, { name: "", only: "" }));
    expect(found[codeOf("completed")]).toBe(5);
    expect(found[codeOf("failed")]).toBe(1);
  });
});

describe("scales", () => {
  it("are one for all, or one per step", () => {
    const grid = new Grid(answer([run(1, "ccc", { durations: [0.9, 26, null], attempts: [1, 1, 0] })]));
    expect([...scales(grid, false)]).toEqual([30, 30, 30]);
    expect([...scales(grid, true)]).toEqual([1, 30, 1]);
  });
  it("of runs let the few longest be cut off", () => {
    const runs = Array.from({ length: 100 }, (_, at) => run(at + 1, "ccc", { duration_s: at === 50 ? 5000 : 12 }));
    expect(runScale(new Grid(answer(runs)))).toBe(15);
  });
});

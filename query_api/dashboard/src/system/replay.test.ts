import { expect, test } from "vitest";
import type { Parked, Replay } from "../api/query.ts";
import { outcomeOf } from "./replay.ts";

function parked(replay: Partial<Replay> | null = null): Parked {
  return { run_id: "r", replay: replay && { requested_by: "ada", done_at: null, result: null, ...replay } } as Parked;
}

test("a replay is not done before the projector says so", () => {
  expect(outcomeOf(parked(), parked(), "pages#1")).toBeUndefined();
  expect(outcomeOf(parked(), parked({ requested_at: "12:00" }), "pages#1")).toBeUndefined();
});

test("a run that is parked no more is mended", () => {
  expect(outcomeOf(parked(), undefined, "pages#1")).toEqual({ mended: true, text: "pages#1 was replayed: it is shown as it is." });
});

test("what failed again is told with the reason, and an older wish is none of ours", () => {
  const old = parked({ requested_at: "11:00", done_at: "11:01", result: "BrokenHistory: x" });
  expect(outcomeOf(old, old, "pages#1")).toBeUndefined();
  const again = parked({ requested_at: "12:00", done_at: "12:01", result: "BrokenHistory: y" });
  expect(outcomeOf(old, again, "pages#1")?.text).toBe("pages#1 was replayed and failed again: BrokenHistory: y");
});

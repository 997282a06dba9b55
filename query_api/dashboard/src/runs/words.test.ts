import { describe, expect, test } from "vitest";
import type { RunSummary } from "../api/query.ts";
import { doingText, progressText, shares } from "./words.ts";

function run(changes: Partial<RunSummary>): RunSummary {
  return {
    run_id: "r", workflow: "etl", workflow_version: 1, number: 7, state: "running", observed: false, source: null,
    external_id: null, created_at: "2026-11-01T12:00:00Z", created_by: "ada", started_at: null, ended_at: null,
    changed_at: "2026-11-01T12:00:00Z", duration_s: null, held: false, waiting: false, cancel_requested: false,
    canceling: false, cause: null, step_counts: {}, active_steps: [], retry_of: null, root_run: null, retry_from: null,
    retries: [], other_inputs: false, version: 1, position: 1, degraded: false,
    ...changes,
  };
}
const cause = { actor: "ada", reason: "bad deploy", step: null, attempt: null, error: null };

describe("what a run does", () => {
  test("a running one names its steps, a few of them", () => {
    expect(doingText(run({ active_steps: ["a", "b"] }))).toBe("a, b");
    expect(doingText(run({ active_steps: ["a", "b", "c", "d", "e"] }))).toBe("a, b, c and 2 more");
  });

  test("a waiting one says what it asks about", () => {
    expect(doingText(run({ state: "waiting_for_approval", active_steps: ["review"] }))).toBe("asks about review");
  });

  test("a failed one says where, and why in a line", () => {
    const error = { type: "TimeoutError", message: "no answer\nfrom the printer" };
    const failed = run({ state: "failed", cause: { ...cause, step: "load", error } });
    expect(doingText(failed)).toBe("load: TimeoutError: no answer");
  });

  test("a canceled or held one says by whom and why", () => {
    expect(doingText(run({ state: "canceled", cause }))).toBe("canceled by ada: bad deploy");
    expect(doingText(run({ state: "paused", held: true, cause }))).toBe("held by ada: bad deploy");
  });

  test("one that is being canceled says what has still to stop", () => {
    expect(doingText(run({ canceling: true, active_steps: ["load"] }))).toBe("stopping load");
  });

  test("a completed one says nothing", () => {
    expect(doingText(run({ state: "completed" }))).toBe("");
  });
});

describe("how far a run is", () => {
  const counts = { completed: 3, failed: 1, not_started: 1 };

  test("is told in words", () => {
    expect(progressText(counts)).toBe("3 of 5 completed; 1 failed, 1 not started");
    expect(progressText({ completed: 2 })).toBe("2 of 2 completed");
  });

  test("is drawn with what is done first and what is not begun last", () => {
    expect(shares({ not_started: 1, running: 2, completed: 1 }).map((share) => share.state)).toEqual([
      "completed", "running", "not_started",
    ]);
  });
});

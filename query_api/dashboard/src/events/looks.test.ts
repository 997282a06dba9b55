import { expect, test } from "vitest";
import { actorOf, stamp, stateOf, streamName, toldLater } from "./looks.ts";
import { event } from "./samples.ts";

test("an event has the mark of the state that it tells of", () => {
  const mark = (topic: string, data: unknown = {}) => stateOf(event(1, { topic, data }));
  expect(mark("run.step.attempt_failed")).toBe("failed");
  expect(mark("run.job.succeeded")).toBe("completed");
  expect(mark("run.approval.decided", { decision: "rejected" })).toBe("rejected");
  expect(mark("run.approval.decided", { decision: "approved" })).toBe("approved");
  expect(mark("run.something.newer", null)).toBe("not_started");
});

test("a time of another day has its day", () => {
  const noon = new Date(2026, 10, 1, 12, 0, 0, 5);
  expect(stamp(noon.toISOString(), noon.getTime())).toBe("12:00:00.005");
  expect(stamp(noon.toISOString(), noon.getTime() + 86_400_000)).toBe("2026-11-01 12:00:00");
});

test("who reported it, and when it occurred, are told where they differ", () => {
  expect(actorOf(event(1))).toBe("ada");
  expect(actorOf(event(1, { recorded_by: "ci" }))).toBe("ada, by ci");
  expect(toldLater(event(1))).toBe(false);
  expect(toldLater(event(1, { occurred_at: "2026-11-01T11:59:58Z" }))).toBe(true);
});

test("an event is of a run, of a workflow, or of neither", () => {
  expect(streamName(event(1))).toBe("pages#1");
  expect(streamName(event(1, { number: null, run_id: null }))).toBe("pages");
  expect(streamName(event(1, { workflow: null, number: null, run_id: null }))).toBe("");
});

import { describe, expect, test } from "vitest";
import type { EventItem } from "../api/query.ts";
import { anyFilter, filtersOf, fromLocalInput, listParams, runSought, streamParams, takes, toLocalInput, topicGroups } from "./filters.ts";
import { event } from "./samples.ts";

const ID = "01a22dd7-0c2c-70d1-9039-fa3fa3d9beee";

function filters(address: string) {
  return filtersOf(new URLSearchParams(address));
}

describe("filters and the address", () => {
  test("what is not in the address filters nothing", () => {
    expect(anyFilter(filters("open=12&show=refusals"))).toBe(false);
    expect(takes(filters(""), null, event(1))).toBe(true);
  });

  test("all of them are read, and asked for", () => {
    const asked = listParams(filters("run=pages%2312&topic=run.step.&since=2026-11-01T06:00:00Z"), ID);
    expect(asked).toMatchObject({ run: ID, topic: "run.step.", since: "2026-11-01T06:00:00Z", actor: "" });
  });

  test("a span with an end is not followed", () => {
    expect(streamParams(filters("until=2026-11-01T06:00:00Z"), null)).toBeNull();
    expect(streamParams(filters("topic=run.&actor=ada"), ID)).toEqual({ run: ID, topic: "run.", actor: "ada" });
  });
});

describe("a run is named", () => {
  test.each([
    ["", { by: "nothing" }],
    [` ${ID.toUpperCase()} `, { by: "id", id: ID }],
    ["pages#12", { by: "number", workflow: "pages", number: 12 }],
    ["a#b#7", { by: "number", workflow: "a#b", number: 7 }],
    ["pages", { by: "nonsense" }],
    ["#7", { by: "nonsense" }],
  ])("%s", (text, sought) => expect(runSought(text)).toEqual(sought));
});

describe("what arrives", () => {
  const one: EventItem = event(7, { topic: "run.step.failed", actor: "ada", recorded_at: "2026-11-01T12:00:00Z" });
  test.each([
    ["topic=run.step.", true],
    ["topic=run.job.", false],
    ["actor=ada", true],
    ["actor=grace", false],
    ["workflow=other", false],
    ["since=2026-11-01T12:00:00Z", true],
    ["since=2026-11-01T13:00:01%2B01:00", false],
    [`correlation=${ID}`, false],
  ])("%s: %s", (address, taken) => expect(takes(filters(address), null, one)).toBe(taken));

  test("of another run is not shown", () => {
    expect(takes(filters(""), ID, one)).toBe(false);
    expect(takes(filters(""), one.stream_id, one)).toBe(true);
  });
});

describe("local times", () => {
  test("come back as they were entered", () => {
    for (const local of ["2026-11-01T06:30:15", "2026-07-01T00:00:00"]) expect(toLocalInput(fromLocalInput(local))).toBe(local);
    expect(fromLocalInput("2026-11-01T06:30")).toMatch(/^2026-\d\d-\d\dT\d\d:\d\d:00Z$/);
  });

  test("what is no time is none", () => {
    expect(toLocalInput("yesterday")).toBe("");
    expect(fromLocalInput("")).toBe("");
    expect(fromLocalInput("2026-13-")).toBe("");
  });
});

test("topics are grouped by what they begin with", () => {
  expect(topicGroups(["run.failed", "run.job.lost", "run.job.leased", "run.created"])).toEqual([
    { prefix: "run.", topics: ["run.failed", "run.created"] },
    { prefix: "run.job.", topics: ["run.job.lost", "run.job.leased"] },
  ]);
});

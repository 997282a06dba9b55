import { expect, test, vi } from "vitest";

// The address of the page's server, which `client` looks up as it loads.
vi.stubGlobal("document", { querySelector: () => null });
vi.stubGlobal("location", { protocol: "http:", hostname: "localhost" });
const { chosen, concerns, notes, pathOf } = await import("./inbox.ts");

const path = (address: string) => pathOf(chosen(new URLSearchParams(address)));

test("at first the list is what the reader may decide", () => {
  expect(path("")).toBe("/approvals?state=open&mine=true&limit=50");
  expect(path("withheld=true&cursor=x")).toBe("/approvals?state=open&mine=true&withheld=true&limit=50&cursor=x");
});

test("it may be another's, a group's, all, or what is decided", () => {
  expect(path("of=person")).toBe(null);
  expect(path("of=person&for=grace")).toBe("/approvals?state=open&for=grace&limit=50");
  expect(path("of=group:legal:eu&workflow=bills")).toBe("/approvals?state=open&group=legal%3Aeu&workflow=bills&limit=50");
  expect(path("of=open")).toBe("/approvals?state=open&limit=50");
  expect(path("of=decided")).toBe("/approvals?state=approved&state=rejected&state=withdrawn&limit=50");
});

type One = Parameters<typeof notes>[0];
const ONE = { run_id: "r1", iteration: 1, asks_form: false, state: "open", rejected: 0, rejections: 1, standing: { in_place_of: null }, reminders: 0, degraded: false } as One;

test("events of other runs leave the list alone unless they ask or answer", () => {
  const about = (run_id: string, topic: string) => concerns([ONE])({ run_id, topic } as Parameters<ReturnType<typeof concerns>>[0]);
  expect(about("r2", "run.step.completed")).toBe(false);
  expect(about("r2", "run.approval.requested")).toBe(true);
  expect(about("r1", "run.step.canceled")).toBe(true);
});

test("notes say what is special about one, and nothing of others", () => {
  expect(notes(ONE)).toEqual([]);
  expect(notes({ ...ONE, iteration: 2, asks_form: true, reminders: 2, standing: { ...ONE.standing, in_place_of: "cy" } })).toEqual([
    "iteration 2", "a form", "in the place of cy", "reminded 2 times",
  ]);
});

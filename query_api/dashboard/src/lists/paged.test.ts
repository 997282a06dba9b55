/** A list is kept level by pages. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asked, happens, Source, urls } from "../api/standIns.ts";

const { signAs } = await import("../api/client.ts");
const { live } = await import("../api/live.ts");
const { Paged } = await import("./paged.ts");

interface Row {
  id: number;
  state: string;
}
const row = (id: number, state = "running") => ({ id, state });
const page = (items: Row[], position: number, more: object = {}) => ({ items, next: null, position, stale: false, ...more });

let list: InstanceType<typeof Paged<Row>>;
let end: () => void;
/** Past the pause before a list is asked for again, which grows with what that costs. */
const pass = () => vi.advanceTimersByTimeAsync(350);

beforeEach(async () => {
  vi.useFakeTimers();
  asked.length = 0;
  signAs({ namespace: "ns", csrf: "" });
  list = new Paged<Row>("/runs", {
    limit: 2, relevant: (event) => event.topic !== "other", id: (one) => String(one.id),
    below: (a, b) => a.id < b.id, same: (a, b) => a.state === b.state,
  });
  end = list.begin();
  await asked[0]?.answer(page([row(2), row(1)], 10, { next: "older" }));
  live.follow({}, list.position ?? 0);
});
afterEach(() => {
  end();
  live.stop();
  vi.useRealTimers();
});

it("changes rows in place, and counts new ones", async () => {
  await happens({ topic: "run.started", position: 11, run_id: "2" });
  await pass();
  expect(urls()[1]).toBe("/runs?limit=2&min_position=11");
  await asked[1]?.answer(page([row(3), row(2, "completed")], 11, { next: "other" }));
  expect(list.rows.map((one) => one.state)).toEqual(["completed", "running"]);
  expect(list.unseen).toBe(1);
});

it("looks at what came while it was being brought level", async () => {
  await happens({ topic: "run.started", position: 11, run_id: "2" });
  await pass();
  await happens({ topic: "run.started", position: 12, run_id: "2" });
  await asked[1]?.answer(page([row(2), row(1)], 11, { next: "older" }));
  await pass();
  await pass();
  expect(urls()[2]).toBe("/runs?limit=2&min_position=12");
});

it("asks again for what a stale answer lacked", async () => {
  await happens({ topic: "run.started", position: 11, run_id: "2" });
  await pass();
  await asked[1]?.answer(page([row(2), row(1)], 10, { next: "older", stale: true }));
  await pass();
  await pass();
  expect(asked).toHaveLength(3);
});

it("goes on after the last event that it has heard, when it is come back to", async () => {
  await happens({ topic: "other", position: 40 });
  end();
  live.stop();
  end = list.begin();
  live.follow({}, list.position ?? 0);
  expect(Source.last.url).toBe("/v1/ns/events/stream?after=40");
});

/** The grid of a workflow is kept level. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asked, happens, urls } from "../api/standIns.ts";

const { signAs } = await import("../api/client.ts");
const { live } = await import("../api/live.ts");
const { Feed } = await import("./feed.ts");

const WHOLE = "/workflows/pages/matrix?runs=10&detail=cells";
const STEPS = [{ name: "build", kind: "task", needs: [] }];

function answer(position: number, more: { steps?: object[]; stale?: boolean; durations?: number[] } = {}) {
  const steps = more.steps ?? STEPS;
  const run = {
    run_id: "id-1", number: 1, version: 1, state: "running", created_at: "", duration_s: null, retry_of: null,
    degraded: false, cells: "r".repeat(steps.length), flags: "0".repeat(steps.length),
    durations: more.durations ?? null, attempts: null,
  };
  return { steps, runs: [run], next: null, position, stale: more.stale ?? false };
}

let feed: InstanceType<typeof Feed>;
let end: () => void;
const pass = () => vi.advanceTimersByTimeAsync(1000);

beforeEach(async () => {
  vi.useFakeTimers();
  asked.length = 0;
  signAs({ namespace: "ns", csrf: "" });
  feed = new Feed({ workflow: "pages", runs: 10, before: null, version: null });
  end = feed.subscribe(() => {});
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => {
  end();
  live.stop();
  live.from = 0;
  vi.useRealTimers();
});

it("asks for the columns alone of which it hears", async () => {
  await asked[0]?.answer(answer(10));
  live.follow({}, 10);
  await happens({ workflow: "pages", number: 1, position: 11 });
  await pass();
  expect(urls()).toEqual([WHOLE, "/workflows/pages/matrix?number=1&detail=cells&min_position=11"]);
});

it("asks for all again where its stream began while the answer was on its way", async () => {
  live.follow({}, 15);
  await asked[0]?.answer(answer(12));
  await pass();
  expect(urls()).toEqual([WHOLE, `${WHOLE}&min_position=15`]);
  await asked[1]?.answer(answer(15));
  await pass();
  expect(asked).toHaveLength(2);
});

it("asks for all again where its stream begins behind the answer", async () => {
  await asked[0]?.answer(answer(12));
  live.follow({}, 15);
  await pass();
  expect(urls()).toEqual([WHOLE, `${WHOLE}&min_position=15`]);
});

it("asks again for what a stale answer lacked", async () => {
  await asked[0]?.answer(answer(10, { stale: true }));
  await pass();
  expect(urls()).toEqual([WHOLE, WHOLE]);
});

it("asks again where that was wished while an answer was on its way", async () => {
  feed.refresh();
  await asked[0]?.answer(answer(10));
  await pass();
  expect(urls()).toEqual([WHOLE, WHOLE]);
});

it("has all of it anew where a column brings other steps, and asks for no details until then", async () => {
  await asked[0]?.answer(answer(10));
  feed.detail({ from: 0, end: 1 });
  const others = [...STEPS, { name: "ship", kind: "task", needs: [] }];
  await asked[1]?.answer(answer(11, { steps: others, durations: [1, 1] }));
  expect(asked).toHaveLength(2);
  await pass();
  await asked[2]?.answer(answer(11, { steps: others }));
  await asked[3]?.answer(answer(11, { steps: others, durations: [1, 1] }));
  await pass();
  const details = "/workflows/pages/matrix?number=1&detail=all";
  expect(urls()).toEqual([WHOLE, details, WHOLE, details]);
});

/** An answer is kept level. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { asked, happens, Source, urls } from "./standIns.ts";

const { signAs } = await import("./client.ts");
const { live } = await import("./live.ts");
const { forgetAnswers, Keeper } = await import("./keeper.ts");

const signedOut = vi.fn();
let keeper: InstanceType<typeof Keeper<{ position: number }>>;
const level = (position: number) => ({ position, stale: false });

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  signedOut.mockClear();
  forgetAnswers();
  signAs({ namespace: "ns", csrf: "" }, signedOut);
  keeper = new Keeper("/runs", () => {});
  keeper.begin();
});
afterEach(() => {
  keeper.end();
  live.stop();
  vi.useRealTimers();
});

it("asks once for a burst of events, and as of the last one", async () => {
  await asked[0]?.answer(level(10));
  live.follow({}, 10);
  await happens({ position: 11 });
  await happens({ position: 12 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs?min_position=12"]);
});

it("has one request under way, also where it is asked while an event waits for its turn", async () => {
  await asked[0]?.answer(level(10));
  live.follow({}, 10);
  await happens({ position: 11 });
  void keeper.refresh();
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs?min_position=11"]);
});

it("asks again where the stream began after its answer", async () => {
  await asked[0]?.answer(level(10));
  live.follow({}, 15);
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs?min_position=15"]);
  await asked[1]?.answer(level(15));
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(2);
});

it("asks again where its answer came after the stream began, and is older", async () => {
  live.follow({}, 15);
  await asked[0]?.answer(level(14));
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs?min_position=15"]);
});

it("asks without a position for what is always as of now", async () => {
  keeper.asOfNow = true;
  await asked[0]?.answer(level(10));
  live.follow({}, 15);
  await happens({ position: 16 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs"]);
});

it("does not take content of runs for what an answer says of itself", async () => {
  keeper.asOfNow = true;
  live.follow({}, 15);
  await asked[0]?.answer({ position: 1, stale: true });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toHaveLength(1);
});

it("leaves answers alone that no position can be asked of", async () => {
  live.follow({}, 15);
  await asked[0]?.answer({ position: 3 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveLength(1);
});

it("lets nobody wait for an answer that nobody wants any more", async () => {
  const refreshed = keeper.refresh();
  keeper.end();
  await refreshed;
  expect(keeper.data).toBeUndefined();
});

it("lets whoever asked wait while nobody answers", async () => {
  const done = vi.fn();
  void keeper.refresh().then(done);
  await asked[0]?.answer({}, 503);
  expect(done).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2000);
  await asked[1]?.answer(level(10));
  expect(done).toHaveBeenCalled();
});

it("says that the page catches up until nothing is under way", async () => {
  live.follow({}, 10);
  Source.last.onopen();
  expect(live.state).toBe("catching up");
  await asked[0]?.answer(level(10));
  expect(live.state).toBe("live");
  await happens({ position: 11 });
  expect(live.state).toBe("catching up");
  keeper.end();
  expect(live.state).toBe("live");
});

it("hears that the session has ended when the stream is refused", async () => {
  await asked[0]?.answer(level(10));
  live.follow({}, 10);
  Source.last.readyState = 2;
  Source.last.onerror();
  await asked[1]?.answer({}, 401);
  expect(signedOut).toHaveBeenCalled();
});

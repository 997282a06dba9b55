/** An answer is kept level: with a stand-in for what only browsers have. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EventItem } from "./query.ts";

interface Asked {
  url: string;
  answer: (body: object, status?: number) => Promise<void>;
}
let asked: Asked[] = [];

class Source {
  static CLOSED = 2;
  static last: Source;
  readyState = 1;
  onopen = () => {};
  onerror = () => {};
  onmessage: (message: { data: string }) => void = () => {};
  constructor(readonly url: string) {
    Source.last = this;
  }
  close() {
    this.readyState = 2;
  }
}

vi.stubGlobal("document", { querySelector: () => null, hidden: false });
vi.stubGlobal("location", { protocol: "http:", hostname: "localhost" });
vi.stubGlobal("EventSource", Source);
vi.stubGlobal("fetch", (url: string, { signal }: RequestInit) =>
  new Promise((done, fail) => {
    signal?.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    asked.push({
      url,
      answer: async (body, status = 200) => {
        done(new Response(JSON.stringify(body), { status }));
        await vi.advanceTimersByTimeAsync(0);
      },
    });
  }));

const { signAs } = await import("./client.ts");
const { live } = await import("./live.ts");
const { forgetAnswers, Keeper } = await import("./keeper.ts");

const signedOut = vi.fn();
let keeper: InstanceType<typeof Keeper<{ position: number }>>;
const urls = () => asked.map((one) => one.url.replace("/v1/ns", ""));
const happens = (position: number) => {
  Source.last.onmessage({ data: JSON.stringify({ position } as EventItem) });
  return vi.advanceTimersByTimeAsync(0);
};
const level = (position: number) => ({ position, stale: false });

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
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
  await happens(11);
  await happens(12);
  await vi.advanceTimersByTimeAsync(1000);
  expect(urls()).toEqual(["/runs", "/runs?min_position=12"]);
});

it("has one request under way, also where it is asked while an event waits for its turn", async () => {
  await asked[0]?.answer(level(10));
  live.follow({}, 10);
  await happens(11);
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
  await happens(11);
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

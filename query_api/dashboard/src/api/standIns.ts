/** Stand-ins for what only browsers have, in tests: requests that the test answers, and the live stream. */

import { vi } from "vitest";
import type { EventItem } from "./query.ts";

interface Asked {
  /** Behind the namespace. */
  url: string;
  answer: (body: object, status?: number) => Promise<void>;
}
export const asked: Asked[] = [];
export const urls = () => asked.map((one) => one.url);

export class Source {
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

/** An event arrives on the stream. */
export function happens(event: Partial<EventItem>): Promise<unknown> {
  Source.last.onmessage({ data: JSON.stringify(event) });
  return vi.advanceTimersByTimeAsync(0);
}

vi.stubGlobal("document", { querySelector: () => null, hidden: false });
vi.stubGlobal("location", { protocol: "http:", hostname: "localhost" });
vi.stubGlobal("EventSource", Source);
vi.stubGlobal("fetch", (url: string, { signal }: RequestInit) =>
  new Promise((done, fail) => {
    signal?.addEventListener("abort", () => fail(new DOMException("", "AbortError")));
    asked.push({
      url: decodeURIComponent(url).replace("/v1/ns", ""),
      answer: async (body, status = 200) => {
        done(new Response(JSON.stringify(body), { status }));
        await vi.advanceTimersByTimeAsync(0);
      },
    });
  }));

import { describe, expect, test } from "vitest";
import { buttonWord, filterText, optionsText, pace, rateText } from "./words.ts";

const PREVIEW = {
  total: 1, items: [], expected: {}, refusals: [], safety: null, digest: "1-2-3", position: 2, head: 2,
};

describe("an operation in words", () => {
  test("the button says how many it is about", () => {
    expect(buttonWord("cancel", { ...PREVIEW, total: 1412 })).toBe("Cancel 1,412 runs");
    expect(buttonWord("approve", PREVIEW)).toBe("Approve 1 question");
    expect(buttonWord("retry", undefined)).toBe("Retry");
  });

  test("its filter says all that was given", () => {
    const filter = { workflow: "etl", state: ["failed", "waiting_for_approval"], created_after: "2026-11-01T00:00:00Z", observed: false };
    expect(filterText(filter)).toBe("workflow etl; failed or waiting for approval; created after 2026-11-01 00:00 UTC; managed");
    expect(filterText({}, 2)).toBe("2 runs chosen one by one");
  });

  test("its options are told where they say something", () => {
    expect(optionsText({ retry_from: "step:load", accept_unsafe: true })).toBe("from load; what is not known to be safe was accepted");
    expect(optionsText({ force: false })).toBe("");
  });
});

describe("how fast it goes", () => {
  const operation = { total: 300, left: 100, started_at: "2026-11-01T12:00:00Z", ended_at: null, per_second: 20 };

  test("is what the service says of now", () => {
    expect(pace(operation)).toEqual({ rate: 20, left_s: 5 });
  });

  test("is unknown before anything is done", () => {
    expect(pace({ ...operation, left: 300, per_second: null })).toBeNull();
  });

  test("is that of the whole when it is over", () => {
    const over = { ...operation, left: 0, ended_at: "2026-11-01T12:00:03Z", per_second: null };
    expect(pace(over)?.rate).toBe(100);
  });

  test("is written for people", () => {
    expect(rateText(650.4)).toBe("650 a second");
    expect(rateText(2.25)).toBe("2.3 a second");
    expect(rateText(0.25)).toBe("15 a minute");
  });
});

import { describe, expect, it } from "vitest";
import type { Attempt, StepDetail, StepJob } from "../api/query.ts";
import { after, axisOf, horizon, niceStep, worthShortening } from "./axis.ts";
import { inOrder } from "./order.ts";
import { rowOf, rowsOf } from "./timeline.ts";

const T0 = Date.parse("2026-11-01T12:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();
const ms = (seconds: number) => T0 + seconds * 1000;

function job(number: number, queued: number, available: number | null, leased: number | null, ended: number | null): StepJob {
  return {
    iteration: 1, attempt: number, queue: "default", state: "queued", worker: "", principal: "", lease_s: 30, queued_at: at(queued),
    available_at: available === null ? null : at(available), leased_at: leased === null ? null : at(leased),
    ended_at: ended === null ? null : at(ended), reason: "", backoff_s: null, queued_s: null, duration_s: null,
    heartbeat_at: null, lease_until: null, progress: null, canceling: false,
  };
}

function attempt(number: number, outcome: Attempt["outcome"], from: number | null, to: number | null, more: Partial<Attempt> = {}): Attempt {
  return {
    number, iteration: 1, outcome, actor: "w", started_at: from === null ? null : at(from), ended_at: to === null ? null : at(to),
    duration_s: null, output: null, error: null, given_up: null, late: [], job: null, ...more,
  };
}

function step(name: string, more: Partial<StepDetail> = {}): StepDetail {
  return {
    step: name, state: "completed", kind: "task", needs: [], effects: "none", queue: "default", requires: [], timeout_s: null,
    max_attempts: 1, max_losses: 5, description: "", iteration: 1, attempts: [], losses: 0, job: null, awaits: null,
    waits: { backoff_s: 0, queued_s: 0, people_s: 0 }, approvals: [], output: null, error: null, reason: "", actor: "",
    changed_at: null, queued_at: null, available_at: null, started_at: null, ended_at: null, times_out_at: null, duration_s: null,
    carried_from: null, explanation: "", actions: [], ...more,
  };
}

const told = (one: StepDetail, now = 100) =>
  rowOf(one, ms(now)).spans.map((span) => [span.kind, (span.from - T0) / 1000, (span.to - T0) / 1000, span.open]);

describe("spans of a step", () => {
  it("tells backoff, queueing and running apart", () => {
    const one = step("build", {
      attempts: [
        attempt(1, "failed", 2, 5, { job: job(1, 0, null, 2, 5) }),
        attempt(2, "completed", 17, 20, { job: job(2, 5, 15, 17, 20) }),
      ],
    });
    expect(told(one)).toEqual([
      ["queued", 0, 2, false],
      ["attempt", 2, 5, false],
      ["backoff", 5, 15, false],
      ["queued", 15, 17, false],
      ["attempt", 17, 20, false],
    ]);
  });

  it("lets go on what goes on, up to now", () => {
    expect(told(step("a", { attempts: [attempt(1, "running", 3, null)] }), 10)).toEqual([["attempt", 3, 10, true]]);
    const later = step("a", { state: "queued", job: job(2, 5, 15, null, null) });
    expect(told(later, 10)).toEqual([["backoff", 5, 10, true]]);
    expect(told(later, 20)).toEqual([["backoff", 5, 15, false], ["queued", 15, 20, true]]);
  });

  it("knows the queueing of reported steps, which have no jobs", () => {
    const one = step("a", { queued_at: at(0), attempts: [attempt(1, "completed", 4, 6)] });
    expect(told(one)).toEqual([["queued", 0, 4, false], ["attempt", 4, 6, false]]);
  });

  it("makes up no start that nobody told", () => {
    const row = rowOf(step("a", { attempts: [attempt(1, "completed", null, 6)] }), ms(10));
    expect(row.spans).toEqual([]);
    expect(row.marks).toMatchObject([{ kind: "ended", at: ms(6) }]);
  });
});

describe("the axis", () => {
  const rows = rowsOf(
    [
      step("a", { attempts: [attempt(1, "completed", 0, 10)] }),
      step("b", { attempts: [attempt(1, "completed", 5, 20)] }),
      step("c", { attempts: [attempt(1, "completed", 50_000, 50_020)] }),
    ],
    ms(60_000),
  );
  const extent = { start: ms(0), end: ms(50_020), open: false };

  it("is true to time", () => {
    const axis = axisOf(rows, extent, false);
    expect(axis.breaks).toEqual([]);
    expect(axis.x(ms(25_010))).toBeCloseTo(0.5);
    expect([axis.x(ms(-5)), axis.x(ms(0)), axis.x(ms(50_020)), axis.x(ms(60_000))]).toEqual([0, 0, 1, 1]);
  });

  it("shortens what nothing ran in, and nothing else", () => {
    const axis = axisOf(rows, extent, true);
    expect(axis.breaks).toHaveLength(1);
    expect(axis.breaks[0]).toMatchObject({ from: ms(20), to: ms(50_000) });
    const lengths = [axis.x(ms(20)) - axis.x(ms(0)), axis.x(ms(50_020)) - axis.x(ms(50_000))];
    expect(lengths[0]).toBeCloseTo(lengths[1] ?? 0);
    expect(lengths[0]).toBeGreaterThan(0.3);
  });

  it("keeps the order of moments, whatever is shortened", () => {
    const axis = axisOf(rows, extent, true);
    let before = -1;
    for (let second = 0; second <= 50_020; second += 7) {
      expect(axis.x(ms(second))).toBeGreaterThan(before);
      before = axis.x(ms(second));
    }
  });

  it("says where shortening is worth it", () => {
    expect(worthShortening(rows, extent)).toBe(true);
    expect(worthShortening(rows.slice(0, 2), { ...extent, end: ms(20) })).toBe(false);
    expect(worthShortening([], extent)).toBe(false);
  });

  it("stands still between leaps while a run goes on", () => {
    const live = (now: number) =>
      axisOf(rowsOf([step("a", { attempts: [attempt(1, "running", 0, null)] })], ms(now)), { start: ms(0), end: ms(now), open: true }, false);
    expect(live(100).end).toBe(live(101).end);
    expect(live(100).end).toBeGreaterThan(ms(101));
    expect(horizon(86_400_000)).toBeLessThan(86_400_000 * 1.2);
  });

  it("has a handful of round ticks, apart from each other", () => {
    const axis = axisOf(rows.slice(0, 2), { ...extent, end: ms(20) }, false);
    expect(axis.ticks.map((tick) => after(tick.after))).toEqual(["0", "5 s", "10 s", "15 s"]);
    expect(niceStep(61_000)).toBe(120_000);
    expect([after(1500), after(90_000), after(3_600_000), after(100_000_000)]).toEqual(["1.5 s", "1 min 30 s", "1 h", "1 d 3 h"]);
  });
});

describe("the order of steps", () => {
  it("puts what is needed first, else as written", () => {
    const order = inOrder([step("publish", { needs: ["b", "a"] }), step("a"), step("b", { needs: ["a"] }), step("c")]);
    expect(order.map((one) => one.step)).toEqual(["a", "b", "publish", "c"]);
  });

  it("takes chains of any length, and needs that nobody knows", () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => step(`s${index}`, { needs: [`s${index + 1}`] }));
    const order = inOrder(chain);
    expect(order).toHaveLength(20_000);
    expect(order[0]?.step).toBe("s19999");
  });
});

import { describe, expect, test } from "vitest";
import type { HeldJob, Partition, Queue, System, Worker } from "../api/query.ts";
import { findings, sentence } from "./health.ts";

const NOW = Date.parse("2026-11-01T12:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const active = { active: true, standing_by: 0 };
const AT_WORK = { publisher: active, projector: { ...active, projecting: 1, unprojected: [] }, timers: active };

function partition(number: number, more: Partial<Partition> = {}): Partition {
  return { partition: number, position: 100, published: 100, next_offset: 9, lag_events: 0, more: false, lag_s: 0, ...more };
}
function system(more: Partial<System> = {}, ...partitions: Partition[]): System {
  return {
    log: { position: 100, recorded_at: ago(0) },
    publisher: { epoch: 1, position: 100, lag_events: 0, lag_s: 0 },
    generations: [{ id: 1, state: "current", created_at: ago(60), flipped_at: ago(60), lag_s: 0, partitions }],
    parked: { events: 0, runs: 0 },
    processes: AT_WORK,
    followers: 0,
    position: 100,
    ...more,
  } as System;
}
function queue(more: Partial<Queue> = {}): Queue {
  return { queue: "default", queued: 0, later: 0, leased: 0, oldest: null, workers: 1, slots: 4, ...more };
}
function worker(more: Partial<Worker> = {}): Worker {
  return {
    worker: "host-1", state: "live", principal: "ci", queue: "default", workflows: [], capabilities: [], slots: 4,
    first_seen: ago(600), seen: ago(1), jobs: [], ...more,
  };
}
const job = (leaseUntil: string) => ({ lease_until: leaseUntil }) as HeldJob;
const texts = (...asked: Parameters<typeof findings>) => findings(...asked).map((one) => one.text);

describe("all is well", () => {
  test("with nothing to tell", () => {
    const found = findings(system({}, partition(0)), [queue()], [worker()], NOW);
    expect([found, sentence(found)]).toEqual([[], "All is well."]);
  });

  test("while events are only on their way, and a worker went without a job", () => {
    const onTheWay = system({ publisher: { epoch: 1, position: 90, lag_events: 10, lag_s: 0.3 } as System["publisher"] },
      partition(0, { position: 90, lag_events: 5, lag_s: 0.4 }));
    expect(texts(onTheWay, [queue({ queued: 3, oldest: ago(2) })], [worker({ state: "offline", seen: ago(900) })], NOW)).toEqual([]);
  });
});

describe("what is not well", () => {
  test("a publisher that is behind, alone: the projector has nothing to read", () => {
    const stuck = system({ publisher: { epoch: 1, position: 60, lag_events: 1340, lag_s: 83 } as System["publisher"] },
      partition(0, { lag_events: 700, lag_s: 83 }));
    expect(texts(stuck, [], [], NOW)).toEqual(["The publisher is 1,340 events (1 min 23 s) behind."]);
  });

  test("a projector that is behind, on its worst partition", () => {
    const late = system({}, partition(0), partition(1, { position: 40, lag_events: 1000, more: true, lag_s: 70 }),
      partition(2, { position: 98, lag_events: 1, lag_s: 12 }));
    expect(texts(late, [], [], NOW)).toEqual([
      "The projector is more than 1,000 events (1 min 10 s) behind on partition 1, and behind on 1 other.",
    ]);
  });

  test("processes that are not at work", () => {
    const none = { active: false, standing_by: 0 };
    const processes = { publisher: none, projector: { ...none, projecting: 0, unprojected: [0, 3] }, timers: none };
    const publisher = { epoch: 1, position: 97, lag_events: 3, lag_s: 0.2 } as System["publisher"];
    expect(texts(system({ processes, publisher }), [], [], NOW)).toEqual([
      "No publisher is at work: 3 events wait for it.",
      "No timers are at work.",
      "Nobody projects partitions 0, 3.",
    ]);
  });

  test("a generation that is being built is no trouble", () => {
    const building = system({}, partition(0, { position: 1, lag_events: 99, lag_s: 500 }));
    building.generations.forEach((one) => (one.state = "building"));
    expect(texts(building, [], [], NOW)).toEqual([]);
  });

  test("parked runs", () => {
    expect(texts(system({ parked: { events: 1, runs: 1 } }), [], [], NOW)).toEqual([
      "1 run is parked: its newest event could not be applied.",
    ]);
    expect(texts(system({ parked: { events: 1200, runs: 2 } }), [], [], NOW)).toEqual([
      "2 runs are parked: their newest 1,200 events could not be applied.",
    ]);
  });

  test("jobs that nobody serves, and jobs that wait for long", () => {
    const queues = [queue({ queue: "gpu", queued: 1, oldest: ago(600) }), queue({ queue: "mail", queued: 2, workers: 0 })];
    expect(texts(system(), queues, [], NOW)).toEqual([
      "No worker serves queue mail while 2 jobs wait.",
      "In queue gpu 1 job waits, the first for 10 min 00 s.",
    ]);
  });

  test("a worker that is lost with its jobs", () => {
    const lost = worker({ state: "offline", seen: ago(95), jobs: [job(ago(-5))] });
    expect(texts(system(), [], [lost], NOW)).toEqual(["Worker host-1 is lost: not heard of for 1 min 35 s, with 1 job."]);
  });

  test("leases that ran out and are still there", () => {
    const overdue = worker({ jobs: [job(ago(60)), job(ago(5)), job(ago(-20))] });
    expect(texts(system(), [], [overdue], NOW)).toEqual(["1 lease of worker host-1 ran out and nobody took it back."]);
  });

  test("a worker that is silent while it has a job", () => {
    const silent = worker({ jobs: [{ ...job(ago(-10)), leased_at: ago(60), heartbeat_at: ago(20) }] });
    const said = "Worker host-1 has said nothing of 1 job for a while; in 10 s it is lost.";
    expect(texts(system(), [], [silent], NOW)).toEqual([said]);
    const heard = worker({ jobs: [{ ...job(ago(-20)), leased_at: ago(60), heartbeat_at: ago(10) }] });
    expect(texts(system(), [], [heard], NOW)).toEqual([]);
  });

  test("several are counted first", () => {
    const found = findings(system({ parked: { events: 1, runs: 1 } }), [queue({ queued: 1, workers: 0 })], [], NOW);
    expect(sentence(found)).toBe("Two things are not well.");
    expect(sentence(found.slice(0, 1))).toContain("parked");
  });
});

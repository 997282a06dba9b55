/** How the service does, in sentences: what is not well, where it is told, and what to do. */

import type { Generation, Partition, Queue, System, Worker } from "../api/query.ts";
import { count, counted, duration } from "../core/format.ts";

export interface Finding {
  /** `bad`: something stands still. `slow`: it goes on, but people will notice. */
  weight: "bad" | "slow";
  text: string;
  /** What to do, in a sentence. */
  advice: string;
  /** The part of the page that has more. */
  part: "publisher" | "projections" | "parked" | "queues" | "workers";
}

/** Later than this is told: less is only the way that everything takes. */
export const LATE_S = 5;
const LONG_WAIT_S = 300;
/** Clocks of browsers are a little off. */
const OVERDUE_S = 15;
const SLACK_MS = 2000;

/** What is not well, the heaviest first. `now` in milliseconds. */
export function findings(system: System, queues: readonly Queue[], workers: readonly Worker[], now: number): Finding[] {
  const found = [
    ...ofPublisher(system),
    ...ofTimers(system),
    ...ofProjectors(system),
    ...system.generations.filter((one) => one.state === "current").flatMap(ofProjector),
    ...ofParked(system),
    ...queues.flatMap((queue) => ofQueue(queue, now)),
    ...workers.flatMap((worker) => ofWorker(worker, now)),
  ];
  return [...found.filter((one) => one.weight === "bad"), ...found.filter((one) => one.weight === "slow")];
}

/** The first sentence of the page. */
export function sentence(found: readonly Finding[]): string {
  const [first] = found;
  if (first === undefined) return "All is well.";
  if (found.length === 1) return first.text;
  return `${found.length === 2 ? "Two things are" : `${found.length} things are`} not well.`;
}

/** `12 events`, `more than 1,000 events` */
export function waiting(partition: Pick<Partition, "lag_events" | "more">): string {
  return partition.more ? `more than ${counted(partition.lag_events, "event")}` : counted(partition.lag_events, "event");
}

/** Read by nobody yet although Kafka has it: the projector's own lag. */
export function behindKafka(partition: Partition): boolean {
  return partition.position < partition.published;
}

function ofPublisher({ publisher, processes }: System): Finding[] {
  if (!processes.publisher.active)
    return [{
      weight: "bad",
      text: `No publisher is at work${publisher.lag_events > 0 ? `: ${counted(publisher.lag_events, "event waits", "events wait")} for it` : ""}.`,
      advice: "Commands go on; what they do is not shown. Start runledger-server publish.",
      part: "publisher",
    }];
  if (publisher.lag_events <= 0 || publisher.lag_s < LATE_S) return [];
  return [{
    weight: "bad",
    text: `The publisher is ${counted(publisher.lag_events, "event")} (${duration(publisher.lag_s)}) behind.`,
    advice: "Kafka may be away. Commands go on; what they do is shown late. Look into the log of runledger-server publish.",
    part: "publisher",
  }];
}

function ofTimers({ processes }: System): Finding[] {
  if (processes.timers.active) return [];
  return [{
    weight: "bad",
    text: "No timers are at work.",
    advice: "Nothing is tried again, no lost job is found, no approval expires and no bulk operation goes on. Start runledger-server timers.",
    part: "publisher",
  }];
}

function ofProjectors({ processes }: System): Finding[] {
  if (processes.projector.active) return [];
  const without = processes.projector.unprojected;
  return [{
    weight: "bad",
    text: `Nobody projects partition${without.length === 1 ? "" : "s"} ${without.join(", ")}.`,
    advice: "Runs of theirs are shown as they were. Start runledger-server project.",
    part: "projections",
  }];
}

function ofProjector(generation: Generation): Finding[] {
  const late = generation.partitions.filter((one) => one.lag_s >= LATE_S && behindKafka(one));
  const worst = late.toSorted((one, other) => other.lag_s - one.lag_s)[0];
  if (worst === undefined) return [];
  const others = late.length > 1 ? `, and behind on ${counted(late.length - 1, "other", "others")}` : "";
  return [{
    weight: "bad",
    text: `The projector is ${waiting(worst)} (${duration(worst.lag_s)}) behind on partition ${worst.partition}${others}.`,
    advice: "Lists and runs show the past until it has caught up. Look into the log of runledger-server project.",
    part: "projections",
  }];
}

function ofParked({ parked }: System): Finding[] {
  if (parked.runs === 0) return [];
  const one = parked.runs === 1;
  return [{
    weight: "bad",
    text: `${counted(parked.runs, "run is", "runs are")} parked: ${one ? "its" : "their"} newest ${parked.events === 1 ? "event" : `${count(parked.events)} events`} could not be applied.`,
    advice: `${one ? "It is" : "They are"} shown as before that. Mend the cause, then replay.`,
    part: "parked",
  }];
}

function ofQueue(queue: Queue, now: number): Finding[] {
  if (queue.queued === 0) return [];
  const jobs = counted(queue.queued, "job waits", "jobs wait");
  if (queue.workers === 0)
    return [{
      weight: "bad",
      text: `No worker serves queue ${queue.queue} while ${jobs}.`,
      advice: "Start a worker of this queue, or see why the last one ended.",
      part: "queues",
    }];
  const waits = queue.oldest === null ? 0 : (now - Date.parse(queue.oldest)) / 1000;
  if (waits < LONG_WAIT_S) return [];
  return [{
    weight: "slow",
    text: `In queue ${queue.queue} ${jobs}, the first for ${duration(waits)}.`,
    advice: "Its workers are busy, or lack the workflow or a capability that the job asks for.",
    part: "queues",
  }];
}

function ofWorker(worker: Worker, now: number): Finding[] {
  const held = worker.jobs.length;
  if (worker.state === "offline" && held > 0)
    return [{
      weight: "bad",
      text: `Worker ${worker.worker} is lost: not heard of for ${duration((now - Date.parse(worker.seen)) / 1000)}, with ${counted(held, "job")}.`,
      advice: "When a lease has run out its job is lost, and tried again where that is safe.",
      part: "workers",
    }];
  const overdue = worker.jobs.filter((job) => now - Date.parse(job.lease_until) > OVERDUE_S * 1000);
  if (overdue.length === 0) return ofSilence(worker, now);
  return [{
    weight: "bad",
    text: `${counted(overdue.length, "lease")} of worker ${worker.worker} ran out and nobody took ${overdue.length === 1 ? "it" : "them"} back.`,
    advice: "See whether runledger-server timers is running.",
    part: "workers",
  }];
}

/** A worker says every third of a lease that it is there: what is half over unheard is told. */
function ofSilence(worker: Worker, now: number): Finding[] {
  const unheard = worker.jobs.filter((job) => {
    const heard = Date.parse(job.heartbeat_at ?? job.leased_at);
    const until = Date.parse(job.lease_until);
    return now - heard > (until - heard) / 2 + SLACK_MS && now < until;
  });
  if (unheard.length === 0) return [];
  const end = Math.min(...unheard.map((job) => Date.parse(job.lease_until)));
  return [{
    weight: "slow",
    text: `Worker ${worker.worker} has said nothing of ${counted(unheard.length, "job")} for a while; in ${duration((end - now) / 1000)} ${unheard.length === 1 ? "it is" : "the first is"} lost.`,
    advice: "It may be stopped, cut off or too busy. Nothing is lost before its lease has run out.",
    part: "workers",
  }];
}

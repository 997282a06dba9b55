/** A run of the list in words: what goes on in it, how far it is. */

import type { RunSummary, StepState } from "../api/query.ts";
import { lookOf, STEP_STATES } from "../core/states.ts";

export interface Doing {
  /** Before the steps: `asks about`. */
  verb: string;
  /** Steps to link to; the first few. */
  steps: string[];
  /** After them: `+2`, or why it ended. */
  rest: string;
}

const FEW = 3;

/** What the run does now, or why it does nothing. Empty for one that simply completed. */
export function doing(run: RunSummary): Doing {
  const steps = run.active_steps.slice(0, FEW);
  const more = run.active_steps.length - steps.length;
  const rest = more > 0 ? `and ${more} more` : "";
  if (run.canceling) return { verb: "stopping", steps, rest };
  switch (run.state) {
    case "created":
      return { verb: "not started yet", steps: [], rest: "" };
    case "queued":
      return { verb: "", steps, rest: rest || (steps.length > 0 ? "queued" : "") };
    case "running":
      return { verb: "", steps, rest };
    case "waiting_for_approval":
      return { verb: "asks about", steps, rest };
    case "paused":
      return { verb: `held${by(run)}`, steps: [], rest: because(run) };
    case "failed":
      return { verb: "", steps: run.cause?.step ? [run.cause.step] : [], rest: because(run) };
    case "canceled":
      return { verb: `canceled${by(run)}`, steps: [], rest: because(run) };
    case "completed":
      return { verb: "", steps: [], rest: "" };
  }
}

function by(run: RunSummary): string {
  const who = run.cause?.actor ? ` by ${run.cause.actor}` : "";
  return because(run) ? `${who}:` : who;
}

function because(run: RunSummary): string {
  const error = run.cause?.error;
  const message = (error?.message ?? "").trim().split("\n", 1)[0] ?? "";
  if (error?.type && message) return `${error.type}: ${message}`;
  return message || error?.type || run.cause?.reason || "";
}

/** The same as one text, for titles. */
export function doingText(run: RunSummary): string {
  const { verb, steps, rest } = doing(run);
  const named = steps.join(", ");
  const colon = run.state === "failed" && named && rest ? ":" : "";
  return [verb, named + colon, rest].filter(Boolean).join(" ");
}

export interface Share {
  state: StepState;
  count: number;
}

/** Steps by state in the order of a run's life: what is done first. */
const IN_ORDER: StepState[] = [
  "completed", "running", "queued", "waiting_for_approval", "failed", "rejected", "canceled", "not_started",
];

export function shares(counts: Record<string, number>): Share[] {
  return IN_ORDER.map((state) => ({ state, count: counts[state] ?? 0 })).filter((share) => share.count > 0);
}

/** `3 of 5 completed; 1 failed, 1 not started` */
export function progressText(counts: Record<string, number>): string {
  const all = STEP_STATES.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  const others = shares(counts).filter((share) => share.state !== "completed");
  const rest = others.map((share) => `${share.count} ${lookOf(share.state).word}`).join(", ");
  return `${counts.completed ?? 0} of ${all} completed${rest && `; ${rest}`}`;
}

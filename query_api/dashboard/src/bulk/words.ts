/** Bulk operations in words: what each does, to which runs. */

import type { BulkPreview, RunFilter } from "../api/command.ts";
import { counted } from "../core/format.ts";
import { lookOf } from "../core/states.ts";

export type Verb = "cancel" | "retry" | "approve" | "reject" | "redo";

interface Told {
  word: string;
  /** What it is done to. */
  noun: string;
  /** What follows for each of them. */
  consequence: string;
  /** What the reason is to those who get it. */
  reason: string;
}

export const VERBS: Record<Verb, Told> = {
  cancel: {
    word: "Cancel",
    noun: "run",
    consequence: "Each is canceled: steps that have not begun at once, those that run as soon as their workers stop. What completed stays completed.",
    reason: "Goes on record with each cancellation.",
  },
  retry: {
    word: "Retry",
    noun: "run",
    consequence: "Of each a new run is made, linked to it. The old ones stay as they are.",
    reason: "Goes on record with each retry.",
  },
  approve: {
    word: "Approve",
    noun: "question",
    consequence: "Each open question is approved in your name, where its policy lets you, and its run goes on.",
    reason: "The comment of each decision.",
  },
  reject: {
    word: "Reject",
    noun: "question",
    consequence: "Each open question is rejected in your name, where its policy lets you. What follows its workflow says: the run fails, is canceled, or a step is done again.",
    reason: "The comment of each decision.",
  },
  redo: {
    word: "Redo",
    noun: "run",
    consequence: "Another iteration of the step in each. What is built on it is reset and runs again; open approvals of it are withdrawn.",
    reason: "The feedback that whoever carries the step out gets.",
  },
};

/** `Cancel 410 runs`: of those that something is expected to come of. */
export function buttonWord(verb: Verb, preview: BulkPreview | undefined): string {
  const { word, noun } = VERBS[verb];
  return preview === undefined ? word : `${word} ${counted(preview.total, noun)}`;
}

/** A filter as an operation has kept it: `workflow etl; failed or canceled; by ada`. */
export function filterText(filter: RunFilter | Record<string, unknown>, namedRuns = 0): string {
  const { workflow, state, actor, created_after, created_before, retry_of, observed, external_id, number, step } = filter as RunFilter;
  const parts: string[] = [];
  if (namedRuns > 0) parts.push(`${counted(namedRuns, "run")} chosen one by one`);
  if (workflow) parts.push(`workflow ${workflow}`);
  if (number) parts.push(`number ${number}`);
  if (state && state.length > 0) parts.push(state.map((one) => lookOf(one).word).join(" or "));
  if (actor) parts.push(`created by ${actor}`);
  if (created_after) parts.push(`created after ${spoken(created_after)}`);
  if (created_before) parts.push(`created before ${spoken(created_before)}`);
  if (retry_of) parts.push(`retries of ${retry_of}`);
  if (observed !== undefined && observed !== null) parts.push(observed ? "observed" : "managed");
  if (external_id) parts.push(`external id ${external_id}`);
  if (step) parts.push(`step ${step}`);
  return parts.join("; ");
}

function spoken(at: string): string {
  return `${at.slice(0, 16).replace("T", " ")} UTC`;
}

/** Options of an operation: `from failed; what is not safe was accepted`. */
export function optionsText(options: Record<string, unknown>): string {
  const parts: string[] = [];
  if (options.force) parts.push("without waiting for workers to stop");
  if (typeof options.retry_from === "string") parts.push(FROM[options.retry_from] ?? `from ${options.retry_from.replace(/^step:/, "")}`);
  if (typeof options.step === "string") parts.push(`step ${options.step}`);
  if (options.accept_unsafe) parts.push("what is not known to be safe was accepted");
  return parts.join("; ");
}

const FROM: Record<string, string> = { failed: "what did not complete", start: "from the start" };

export interface Going {
  total: number;
  left: number;
  started_at: string;
  ended_at: string | null;
  /** As it goes at this moment; null where it is over. */
  per_second: number | null;
}

/** Items a second, now or all in all if it is over, and how long the rest takes at that. */
export function pace(of: Going): { rate: number; left_s: number } | null {
  const done = of.total - of.left;
  const seconds = of.ended_at ? (Date.parse(of.ended_at) - Date.parse(of.started_at)) / 1000 : 0;
  const rate = of.ended_at ? done / Math.max(seconds, 0.001) : (of.per_second ?? 0);
  return rate > 0 ? { rate, left_s: of.left / rate } : null;
}

/** `650 a second`, `12 a minute`. */
export function rateText(rate: number): string {
  if (rate >= 10) return `${Math.round(rate)} a second`;
  if (rate >= 1) return `${rate.toFixed(1)} a second`;
  return `${(rate * 60).toFixed(rate * 60 >= 10 ? 0 : 1)} a minute`;
}

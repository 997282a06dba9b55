/** How a state is shown: a word, a colour and a shape, the same on every page and the matrix. */

import type { RunState, StepState } from "../api/query.ts";

export type Tone = "still" | "queued" | "running" | "done" | "waiting" | "failed" | "ended" | "rejected";

/** Shapes differ where colours may not be told apart. */
export type Shape = "dot" | "ring" | "play" | "disc" | "diamond" | "cross" | "bar" | "down" | "pause" | "question";

export interface Look {
  word: string;
  tone: Tone;
  shape: Shape;
}

export const STEP_LOOKS: Record<StepState, Look> = {
  not_started: { word: "not started", tone: "still", shape: "dot" },
  queued: { word: "queued", tone: "queued", shape: "ring" },
  running: { word: "running", tone: "running", shape: "play" },
  completed: { word: "completed", tone: "done", shape: "disc" },
  waiting_for_approval: { word: "waiting for approval", tone: "waiting", shape: "diamond" },
  failed: { word: "failed", tone: "failed", shape: "cross" },
  canceled: { word: "canceled", tone: "ended", shape: "bar" },
  rejected: { word: "rejected", tone: "rejected", shape: "down" },
};

export const RUN_LOOKS: Record<RunState, Look> = {
  created: { word: "created", tone: "still", shape: "dot" },
  queued: STEP_LOOKS.queued,
  running: STEP_LOOKS.running,
  waiting_for_approval: STEP_LOOKS.waiting_for_approval,
  paused: { word: "paused", tone: "waiting", shape: "pause" },
  completed: STEP_LOOKS.completed,
  failed: STEP_LOOKS.failed,
  canceled: STEP_LOOKS.canceled,
};

const OTHER_LOOKS: Record<string, Look> = {
  open: { word: "open", tone: "waiting", shape: "diamond" },
  approved: { word: "approved", tone: "done", shape: "disc" },
  withdrawn: { word: "withdrawn", tone: "ended", shape: "bar" },
  reset: { word: "reset", tone: "ended", shape: "bar" },
  unknown: { word: "outcome unknown", tone: "failed", shape: "question" },
  leased: { word: "leased", tone: "running", shape: "play" },
  succeeded: { word: "succeeded", tone: "done", shape: "disc" },
  lost: { word: "lost", tone: "failed", shape: "question" },
  released: { word: "released", tone: "ended", shape: "bar" },
  stopping: { word: "stopping", tone: "waiting", shape: "pause" },
  stopped: { word: "stopped", tone: "ended", shape: "bar" },
  done: { word: "done", tone: "done", shape: "disc" },
  nothing: { word: "was so already", tone: "ended", shape: "bar" },
  refused: { word: "refused", tone: "failed", shape: "cross" },
  not_found: { word: "not found", tone: "ended", shape: "question" },
  pending: { word: "pending", tone: "still", shape: "dot" },
  live: { word: "live", tone: "done", shape: "disc" },
  offline: { word: "offline", tone: "failed", shape: "cross" },
};

/** The look of any state that an answer names; one that a newer service has is told as it is. */
export function lookOf(state: string): Look {
  return (
    (STEP_LOOKS as Record<string, Look>)[state] ??
    (RUN_LOOKS as Record<string, Look>)[state] ??
    OTHER_LOOKS[state] ?? { word: state.replaceAll("_", " "), tone: "still", shape: "dot" }
  );
}

export const RUN_STATES = Object.keys(RUN_LOOKS) as RunState[];
export const STEP_STATES = Object.keys(STEP_LOOKS) as StepState[];

const FINAL = new Set<string>(["completed", "failed", "canceled"]);

export function isOver(state: RunState): boolean {
  return FINAL.has(state);
}

/** The characters of the matrix, see docs/queries.md. */
export const CELL_STATES: Record<string, StepState> = {
  ".": "not_started",
  q: "queued",
  r: "running",
  c: "completed",
  w: "waiting_for_approval",
  f: "failed",
  x: "canceled",
  j: "rejected",
};

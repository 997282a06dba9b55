/** What happened when in a run: spans of its steps, and the axis that they lie on. */

import type { Attempt, StepDetail, StepJob } from "../api/query.ts";

export type SpanKind = "backoff" | "queued" | "attempt" | "people";

export interface Span {
  kind: SpanKind;
  /** Milliseconds. */
  from: number;
  to: number;
  /** It still goes on: `to` is now. */
  open: boolean;
  iteration: number;
  attempt: number | null;
  /** Of an attempt. */
  outcome: Attempt["outcome"] | null;
}

/** Something at a moment: a decision, a question that is open, an end without a start. */
export interface Mark {
  at: number;
  kind: "asked" | "approved" | "rejected" | "withdrawn" | "ended";
  says: string;
}

export interface Row {
  step: StepDetail;
  spans: Span[];
  marks: Mark[];
}

export function rowsOf(steps: StepDetail[], now: number): Row[] {
  return steps.map((step) => rowOf(step, now));
}

/** Waits, attempts and questions of one step, in the order of their begin. */
export function rowOf(step: StepDetail, now: number): Row {
  const spans: Span[] = [];
  const marks: Mark[] = [];
  const add = (span: Omit<Span, "to" | "open"> & { to: number | null }) => {
    const to = span.to ?? Math.max(now, span.from);
    if (to > span.from || span.to === null || span.kind === "attempt")
      spans.push({ ...span, to: Math.max(to, span.from), open: span.to === null });
  };
  const wait = (job: StepJob) => {
    const end = job.leased_at ?? job.ended_at;
    const available = Date.parse(job.available_at ?? job.queued_at);
    const about = { iteration: job.iteration, attempt: job.attempt, outcome: null };
    const queued = Date.parse(job.queued_at);
    const until = end === null ? now : Date.parse(end);
    if (available > queued)
      add({ ...about, kind: "backoff", from: queued, to: available > until && end === null ? null : Math.min(available, until) });
    if (until > available || end === null)
      if (until >= available) add({ ...about, kind: "queued", from: available, to: end === null ? null : until });
  };

  for (const attempt of step.attempts) {
    if (attempt.job) wait(attempt.job);
    const ended = attempt.ended_at === null ? null : Date.parse(attempt.ended_at);
    if (attempt.started_at !== null) {
      const about = { iteration: attempt.iteration, attempt: attempt.number, outcome: attempt.outcome };
      add({ ...about, kind: "attempt", from: Date.parse(attempt.started_at), to: ended });
    } else if (ended !== null) {
      // No start is made up where nobody told one.
      marks.push({ at: ended, kind: "ended", says: `attempt ${attempt.number}: ${attempt.outcome}; when it started is not known` });
    }
  }
  if (step.job && !step.attempts.some((attempt) => attempt.job?.attempt === step.job?.attempt)) wait(step.job);
  if (step.queued_at !== null && !step.job && !step.attempts.some((attempt) => attempt.job)) {
    const first = step.attempts.find((attempt) => attempt.iteration === step.iteration);
    const begun = first?.started_at ?? null;
    if (begun !== null || step.state === "queued")
      add({ kind: "queued", from: Date.parse(step.queued_at), to: begun === null ? null : Date.parse(begun),
        iteration: step.iteration, attempt: null, outcome: null });
  }
  for (const approval of step.approvals) {
    const asked = Date.parse(approval.requested_at);
    add({ kind: "people", from: asked, to: approval.closed_at === null ? null : Date.parse(approval.closed_at),
      iteration: approval.iteration, attempt: approval.attempt, outcome: null });
    if (approval.closed_at === null) marks.push({ at: asked, kind: "asked", says: `asked by ${approval.requested_by}` });
    for (const decision of approval.decisions)
      marks.push({ at: Date.parse(decision.at), kind: decision.decision, says: `${decision.decision} by ${decision.actor}` });
    if (approval.state === "withdrawn" && approval.closed_at !== null)
      marks.push({ at: Date.parse(approval.closed_at), kind: "withdrawn", says: `withdrawn: ${approval.closed_because}` });
  }
  spans.sort((one, other) => one.from - other.from);
  return { step, spans, marks };
}

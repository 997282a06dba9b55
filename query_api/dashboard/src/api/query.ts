// Made by generate_types.py from the OpenAPI document: do not edit.

/** What the caller may, or may not, do now. */
export interface Action {
  command: "start" | "pause" | "continue" | "cancel" | "retry" | "approve" | "reject" | "delegate" | "redo";
  allowed: boolean;
  /** Of the refusal that the command would meet. */
  code: string | null;
  why_not: string | null;
  /** Of a retry or redo: for each step that runs again, whether that is safe. */
  verdicts: StepVerdict[];
  /** Not all are safe: the command is refused without `accept_unsafe`. */
  must_accept: boolean;
}

export interface Approval {
  run_id: string;
  step: string;
  iteration: number;
  workflow: string;
  number: number;
  state: "open" | "approved" | "rejected" | "withdrawn";
  /** People by name. Nobody and no group: everybody who holds the role approver. */
  approvers: string[];
  groups: string[];
  /** How many must agree. */
  required: number;
  agreed: number;
  /** How many must disagree for it to be rejected. */
  rejections: number;
  rejected: number;
  not_own: boolean;
  /** Whose own it is, where the policy says that these do not decide. */
  barred: Barred[];
  decisions: Decision[];
  /** Oldest first. */
  delegations: Delegation[];
  /** Who decides in somebody's place now. */
  delegates: string[];
  requested_at: string;
  requested_by: string;
  /** The one whose output it is about; null: it is about what the step needs. */
  attempt: number | null;
  /** Of output and summary. Send it, and the iteration, with the decision. */
  subject_digest: string;
  subject: Content | null;
  /** What the author of the output wrote to reviewers. */
  summary: string;
  /** What led to this iteration. */
  redo: SentBack | null;
  expires_at: string | null;
  /** What it counts as if it expires. */
  on_expiry: "reject" | "approve" | null;
  expired: boolean;
  reminders: number;
  reminded_at: string | null;
  closed_at: string | null;
  closed_because: string;
  standing: Standing;
  /** Of the run. */
  version: number;
  /** A form is to be filled in: the review has its schema. */
  asks_form: boolean;
  position: number;
  degraded: boolean;
}

export interface ApprovalList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: Approval[];
}

/** Who may decide, how many of them must agree, and by when. */
export interface ApprovalPolicy {
  approvers?: string[];
  groups?: string[];
  required?: number;
  rejections?: number;
  not_own?: boolean;
  expires_s?: number | null;
  on_expiry?: "reject" | "approve";
  remind_s?: number | null;
  form?: Record<string, JsonValue> | null;
}

export interface ApprovalsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Any of these. May stand more than once. */
  state?: ("open" | "approved" | "rejected" | "withdrawn")[];
  /**
   * Only what the caller may decide: by name, by the groups of their token, or in the
   * place of somebody else; not what they have decided, handed on, or may not decide
   * since it is about their own. With ``state=open``: their inbox.
   */
  mine?: boolean;
  /** The same of another person, with the groups that their tokens name. */
  for?: string | null;
  /**
   * With ``mine`` or ``for`` also what they are not to decide though it is asked of
   * them; ``standing`` says why.
   */
  withheld?: boolean;
  /** Only what is asked of this group. */
  group?: string | null;
  workflow?: string | null;
  run?: string | null;
}

export interface Attempt {
  number: number;
  iteration: number;
  outcome: "running" | "completed" | "failed" | "canceled" | "reset" | "released" | "unknown";
  actor: string;
  started_at: string | null;
  ended_at: string | null;
  duration_s: number | null;
  output: Content | null;
  error: Failure | null;
  /**
   * Why its outcome is unknown, where we know that: its worker was not heard of in
   * time, or it took longer than the step may.
   */
  given_up: "lost" | "timed_out" | null;
  /** Outcomes that were reported when it was no longer the current attempt. */
  late: string[];
  /** Null where a service carries the step out and reports it. */
  job: StepJob | null;
}

export interface AttemptPath {
  ns: string;
  run_id: string;
  step: string;
  attempt: number;
}

/** What is waited for now. Members that say nothing of it are null or empty. */
export interface Awaited {
  /**
   * `start`: somebody to start the run; `continue`: to end its hold; `worker`: one
   * that takes the job; `time`: the moment `until`, to be tried again; `job`: the
   * worker that has it; `report`: a service that carries the step out; `people`: a
   * decision; `stop`: the worker that has it to stop, since the run is being canceled.
   */
  kind: "start" | "continue" | "worker" | "time" | "job" | "report" | "people" | "stop";
  step: string | null;
  /** The one that runs, or that it is queued for. */
  attempt: number | null;
  since: string | null;
  /** When it is available, times out, or expires. */
  until: string | null;
  queue: string | null;
  /** What its worker must be capable of. */
  requires: string[];
  /** Live workers that would take it. */
  workers: number | null;
  worker: string | null;
  heartbeat_at: string | null;
  lease_until: string | null;
  progress: Progress | null;
  /** Who created, held or canceled the run, carries the step out, or asked. */
  actor: string | null;
  reason: string;
  approvers: string[];
  groups: string[];
  required: number | null;
  agreed: number | null;
}

/** How long a failed step waits before it is tried again. */
export interface Backoff {
  first_s?: number;
  factor?: number;
  most_s?: number;
}

/** One who does not decide, since it is about their own. */
export interface Barred {
  person: string;
  why: string;
}

export interface BulkDetail {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Also the correlation id of every event that it has caused. */
  bulk_id: string;
  command: "cancel" | "retry" | "approve" | "reject" | "redo";
  /** Of the command: force, retry_from, accept_unsafe, step. */
  options: Record<string, unknown>;
  /** What was given of it, but for runs that were named one by one. */
  filter: Record<string, unknown>;
  /** How many were named one by one. */
  named_runs: number;
  reason: string;
  state: "running" | "stopping" | "stopped" | "completed";
  /** Items of the list, which never changes. */
  total: number;
  done: number;
  /** It was so already. */
  nothing: number;
  refused: number;
  not_found: number;
  /** Without a result as yet; for good, if it was stopped. */
  left: number;
  /** No preview was held against the list. */
  took_as_is: boolean;
  started_at: string;
  started_by: string;
  stop_asked_at: string | null;
  stop_asked_by: string | null;
  stop_reason: string | null;
  ended_at: string | null;
  /** How many events it has. */
  version: number;
  /** Of its last event. */
  last_position: number;
  degraded: boolean;
  /** When the last result was recorded. */
  progressed_at: string | null;
  /**
   * Items, over the last 500 and up to now; null where it is over, or none has a
   * result yet.
   */
  per_second: number | null;
  /** Why items were refused, the most frequent code first. */
  refusals: BulkRefusal[];
}

export interface BulkItem {
  /** Place in the list, from 1. */
  nth: number;
  run_id: string;
  /** Null where no such run was known when the list was made. */
  workflow: string | null;
  number: number | null;
  /** Approve and reject: whose question it is. */
  step: string | null;
  iteration: number | null;
  /** Of what was previewed: nothing else is decided about. */
  subject_digest: string | null;
  result: "pending" | "done" | "nothing" | "refused" | "not_found";
  /** Of the refusal. */
  code: string | null;
  message: string | null;
  /** Of the run, after it. */
  run_version: number | null;
  run_position: number | null;
  /** The run that a retry made. */
  new_run: string | null;
  new_number: number | null;
  /** When it was listed, or its result recorded. */
  at: string;
}

export interface BulkItemList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: BulkItem[];
}

export interface BulkItemsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Any of these. May stand more than once. */
  result?: ("pending" | "done" | "nothing" | "refused" | "not_found")[];
}

export interface BulkList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: BulkOperation[];
}

export interface BulkOperation {
  /** Also the correlation id of every event that it has caused. */
  bulk_id: string;
  command: "cancel" | "retry" | "approve" | "reject" | "redo";
  /** Of the command: force, retry_from, accept_unsafe, step. */
  options: Record<string, unknown>;
  /** What was given of it, but for runs that were named one by one. */
  filter: Record<string, unknown>;
  /** How many were named one by one. */
  named_runs: number;
  reason: string;
  state: "running" | "stopping" | "stopped" | "completed";
  /** Items of the list, which never changes. */
  total: number;
  done: number;
  /** It was so already. */
  nothing: number;
  refused: number;
  not_found: number;
  /** Without a result as yet; for good, if it was stopped. */
  left: number;
  /** No preview was held against the list. */
  took_as_is: boolean;
  started_at: string;
  started_by: string;
  stop_asked_at: string | null;
  stop_asked_by: string | null;
  stop_reason: string | null;
  ended_at: string | null;
  /** How many events it has. */
  version: number;
  /** Of its last event. */
  last_position: number;
  degraded: boolean;
}

export interface BulkPath {
  ns: string;
  bulk_id: string;
}

export interface BulkQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Any of these. May stand more than once. */
  state?: ("running" | "stopping" | "stopped" | "completed")[];
  command?: "cancel" | "retry" | "approve" | "reject" | "redo" | null;
  /** Who started it. */
  actor?: string | null;
}

export interface BulkRefusal {
  code: string;
  items: number;
  /** Of one of them. */
  message: string;
}

/** A step that is not run again: its output is taken over. */
export interface Carried {
  step: string;
  from_run: string;
  attempt: number | null;
}

/** Why a run is failed, canceled or held. */
export interface Cause {
  actor: string;
  reason: string;
  step: string | null;
  attempt: number | null;
  error: Failure | null;
}

/**
 * A value in the event, or, where it is too large for one, its digest. A large value
 * lies in the table ``contents`` under namespace and digest.
 */
export interface Content {
  value?: JsonValue;
  digest?: string | null;
  size?: number | null;
}

export interface ContentPath {
  ns: string;
  digest: string;
}

export interface Day {
  day: string;
  created: number;
  completed: number;
  failed: number;
  canceled: number;
  /** Seconds, to the microsecond. */
  duration_s: number;
}

export interface Days {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Days (UTC) on which something was created or ended. */
  items: Day[];
  since: string;
  until: string;
}

export interface DaysQuery {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** First day (UTC). By default 89 days before the last. */
  since?: string | null;
  /** Last day. By default today. */
  until?: string | null;
}

export interface Decision {
  actor: string;
  decision: "approved" | "rejected";
  at: string;
  comment: string;
  /** What the policy's form asks for, filled in. */
  form: JsonValue;
  /** In whose place, where it was delegated. */
  on_behalf_of: string | null;
  /** Groups of the policy that the person belonged to then. */
  groups: string[];
}

export interface Degradation {
  since_position: number;
  error: string;
}

/** ``actor`` has ``to`` decide in their place; or hands back what came from them. */
export interface Delegation {
  actor: string;
  to: string;
  at: string;
  comment: string;
}

export interface DownloadQuery {
  /** Begin each line with its time, stream and level. */
  times?: boolean;
}

/** Lines that were kept and are not any more. */
export interface DroppedLines {
  lines: number;
  /** What came before is dropped. */
  until: string;
  why: string;
}

/** A question that was put before, and what came of it. */
export interface EarlierQuestion {
  iteration: number;
  state: "open" | "approved" | "rejected" | "withdrawn";
  subject: Content | null;
  summary: string;
  subject_digest: string;
  requested_at: string;
  requested_by: string;
  decisions: Decision[];
  closed_at: string | null;
  closed_because: string;
  /** What led from it to the next iteration, with the feedback. */
  sent_back: SentBack | null;
}

export interface EventItem {
  /** Place in the whole log: without gaps, in the order of commits. */
  position: number;
  stream_id: string;
  /** Place in its stream. */
  version: number;
  /** Null for an event of a workflow, or of a bulk operation. */
  run_id: string | null;
  workflow: string | null;
  number: number | null;
  topic: string;
  /** The event in a plain sentence. */
  summary: string;
  event_id: string;
  actor: string;
  /** Who reported it: the actor, unless somebody spoke for it. */
  recorded_by: string;
  occurred_at: string;
  recorded_at: string;
  correlation_id: string | null;
  causation_id: string | null;
  trace: string | null;
  data: JsonValue;
}

export interface EventList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  items: EventItem[];
  /** Send it as `after` (ascending) or `before` (descending) for the next page. */
  next: number | null;
  order: "ascending" | "descending";
}

export interface EventPath {
  ns: string;
  position: number;
}

export interface EventsQuery {
  /** Events after this position, upwards. Without it: the newest first. */
  after?: number | null;
  /** Events before this position. */
  before?: number | null;
  limit?: number;
  /** The topic begins with this: ``run.step.`` for all that happens to steps. */
  topic?: string | null;
  run?: string | null;
  workflow?: string | null;
  actor?: string | null;
  /**
   * What the command's caller sent as Runledger-Correlation-Id; of a bulk operation
   * its id.
   */
  correlation?: string | null;
  /** The same of Runledger-Causation-Id. */
  causation?: string | null;
  /** Recorded at this moment or later. */
  since?: string | null;
  /** Recorded before this moment. */
  until?: string | null;
}

/** An error as the failing code told it. */
export interface Failure {
  type?: string;
  message?: string;
  traceback?: string;
}

/** One thing that does not fit. ``pointer`` into the body, or ``parameter``. */
export interface FieldError {
  detail: string;
  pointer?: string | null;
  parameter?: string | null;
}

export interface Finding {
  ok: boolean;
  required: boolean;
  found?: unknown;
}

/** What the caller has seen already, and the answer must not fall behind. */
export interface Fresh {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
}

/** What every list takes that is read from the read tables. */
export interface FreshPage {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
}

export interface Generation {
  id: number;
  state: "building" | "current";
  created_at: string;
  flipped_at: string | null;
  lag_s: number;
  partitions: Partition[];
}

export interface Health {
  status: string;
  checks: Record<string, Finding>;
}

/** A job that a worker has at this moment. */
export interface HeldJob {
  run_id: string;
  workflow: string;
  /** Null: the run's row is still to come. */
  number: number | null;
  step: string;
  iteration: number;
  attempt: number;
  leased_at: string;
  heartbeat_at: string | null;
  lease_until: string;
  progress: Progress | null;
  canceling: boolean;
}

export interface HistoryQuery {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Version of this run that a command answered. The answer is not older. */
  min_version?: number | null;
  /** As it was after so many of its events. */
  at_version?: number | null;
  /** As it was then: by the log's clock; an observed run by its source's. */
  at?: string | null;
}

export interface Job {
  iteration: number;
  attempt: number;
  queue: string;
  state: "queued" | "leased" | "succeeded" | "failed" | "lost" | "canceled" | "released";
  /** Which process, as it calls itself. Empty: nobody has leased it. */
  worker: string;
  /** Whose token the worker has. */
  principal: string;
  /** Seconds, to the microsecond. */
  lease_s: number;
  queued_at: string;
  /** Not to be leased earlier. */
  available_at: string | null;
  leased_at: string | null;
  ended_at: string | null;
  /** Why it was canceled or released. */
  reason: string;
  /** How long it was not to be leased, where that is over. */
  backoff_s: number | null;
  /** How long it then waited for a worker; null while it does. */
  queued_s: number | null;
  /** From lease to end. */
  duration_s: number | null;
  /** The last one; of a leased job only, and null before the first. */
  heartbeat_at: string | null;
  lease_until: string | null;
  progress: Progress | null;
  /** Its worker is told by the next heartbeat to stop. */
  canceling: boolean;
  run_id: string;
  workflow: string;
  number: number;
  step: string;
  /** Of its attempt; null before that has started. */
  outcome: "running" | "completed" | "failed" | "canceled" | "reset" | "released" | "unknown" | null;
  /** Of its attempt, in one line. */
  error: string | null;
  /** Of the run, when it changed last. */
  version: number;
  position: number;
  degraded: boolean;
}

export interface JobList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: Job[];
}

export interface JobsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Any of these. May stand more than once. */
  state?: ("queued" | "leased" | "succeeded" | "failed" | "lost" | "canceled" | "released")[];
  queue?: string | null;
  /** The process that has or had it, as it calls itself. */
  worker?: string | null;
  run?: string | null;
  workflow?: string | null;
}

export type JsonValue = unknown;

export interface Lineage {
  retry_of: Link | null;
  root: Link | null;
  retries: Link[];
}

/** A run of the same chain of retries. Null: its row is still to come. */
export interface Link {
  run_id: string;
  workflow: string | null;
  number: number | null;
  state: RunState | null;
  created_at: string | null;
}

export interface LogHead {
  position: number;
  recorded_at: string | null;
}

export interface LogLine {
  /** Its number in the attempt's log: from 1, without gaps. */
  n: number;
  /** As its writer's clock had it. */
  at: string;
  stream: "stdout" | "stderr" | "log";
  level: "debug" | "info" | "warning" | "error";
  text: string;
  /** It was longer; its end says by how much. */
  cut: boolean;
}

/** How many lines are wanted, from where this page begins. */
export interface LogMatches {
  lines: number;
  /** Counting was stopped: there may be more. */
  at_least: boolean;
}

export interface LogPage {
  /** Upwards by number, whichever way it was asked. */
  lines: LogLine[];
  /** Lines that the log has, dropped ones among them: the number of its last one. */
  total: number;
  /** Number of the first line that can still be read; over `total` if none can. */
  first_kept: number;
  dropped: DroppedLines | null;
  /** Lines that came after the attempt's limit: counted, not kept. */
  over_limit: number;
  /** Null where neither text nor stream nor level was asked for. */
  matches: LogMatches | null;
  /**
   * `after` of the page behind this one. A search that took too long ends early: there
   * it goes on, even where `lines` is empty.
   */
  next: number;
  /** `before` of the page ahead of this one; null where there is none. */
  previous: number | null;
  /** There are lines behind `next`: ask at once, not after a pause. */
  more: boolean;
  /** The attempt is over; null where this version of the service cannot tell. */
  ended: boolean | null;
  /** Lines may still come: it is not over, or not for long. */
  open: boolean;
}

export interface LogQuery {
  /** Lines behind this one: `next` of the page before, or 0. The default. */
  after?: number | null;
  /** The last lines ahead of this one: `previous` of the page behind. */
  before?: number | null;
  /** The last so many lines. */
  tail?: number | null;
  limit?: number;
  /** Only lines that hold this text, in capitals or not. */
  search?: string | null;
  /** Only as it is written. */
  match_case?: boolean;
  stream?: "stdout" | "stderr" | "log" | null;
  /** This level and worse ones. */
  level?: "debug" | "info" | "warning" | "error" | null;
}

export interface Matrix {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  workflow: string;
  /** Of all versions in the answer; cells are in this order. */
  steps: MatrixStep[];
  /** The newest first. */
  runs: MatrixRun[];
  /** Send it as `before` for older runs. */
  next: number | null;
  degraded: string[];
}

export interface MatrixQuery {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** How many columns. */
  runs?: number;
  /** ``cells``: without durations and attempts, which are the most of a wide one. */
  detail?: "all" | "cells";
  /** Only these runs; ``runs`` says nothing then. May stand more than once. */
  number?: number[];
  /** Only runs of a lower number: the member ``next`` of the answer before. */
  before?: number | null;
  /** Only runs of this version of the workflow. */
  version?: number | null;
}

export interface MatrixRun {
  run_id: string;
  number: number;
  /** Of the workflow. */
  version: number;
  state: RunState;
  created_at: string;
  duration_s: number | null;
  retry_of: string | null;
  /**
   * One character per step: `.` not started, `q` queued, `r` running, `c` completed,
   * `w` waiting for approval, `f` failed, `x` canceled, `j` rejected, and a space
   * where the run's version has no such step.
   */
  cells: string;
  /** Null where only cells were asked for; so are the attempts. */
  durations: (number | null)[] | null;
  attempts: number[] | null;
  /**
   * One hexadecimal digit per step, a sum of 1 (carried over), 2 (has or had an
   * approval), 4 (redone), 8 (more than one attempt); a space where there is no such
   * step.
   */
  flags: string;
  degraded: boolean;
}

export interface MatrixStep {
  name: string;
  kind: "task" | "approval";
  needs: string[];
}

export interface NamespacePath {
  ns: string;
}

export interface NumberPath {
  ns: string;
  name: string;
  number: number;
}

/** What a rejection leads to. */
export interface OnReject {
  action?: "fail" | "cancel" | "redo";
  step?: string | null;
}

export interface Paged {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
}

export interface Parked {
  /** Of a workflow: its stream. */
  run_id: string;
  since_position: number;
  topic: string;
  error: string;
  parked_at: string;
  events: number;
  /** The last wish to apply them anew. */
  replay: Replay | null;
}

export interface ParkedCount {
  events: number;
  runs: number;
}

export interface ParkedList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: Parked[];
}

export interface Partition {
  partition: number;
  position: number;
  /** Last position that reached this partition in Kafka for certain. */
  published: number;
  next_offset: number;
  lag_events: number;
  /** There are more than were counted. */
  more: boolean;
  lag_s: number;
}

/** The last event of what was asked for. */
export interface Point {
  version: number;
  position: number;
  occurred_at: string;
  recorded_at: string;
}

export interface PositionsQuery {
  /** Events after this position, upwards. Without it: the newest first. */
  after?: number | null;
  /** Events before this position. */
  before?: number | null;
  limit?: number;
  /** The topic begins with this: ``run.step.`` for all that happens to steps. */
  topic?: string | null;
}

export interface PreviewQuery {
  /** JSON pointer (RFC 6901) to the string: ``/pages/0/html``. */
  pointer?: string;
  /** What the step's approval is about, or what the step has put out. */
  of?: "subject" | "output";
  /** Of the step; by default the last one. */
  iteration?: number | null;
}

/** An error, as RFC 9457 has it. ``type`` ends in a stable code. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance?: string | null;
  errors?: FieldError[] | null;
  reference?: string | null;
}

export interface Process {
  /** One is at work now. False: start it, nothing goes on without it. */
  active: boolean;
  /** Others that take over if it ends. */
  standing_by: number;
}

/** At this moment, by the locks that their sessions hold in the database. */
export interface Processes {
  publisher: Process;
  projector: Projectors;
  /** Timers, lost leases, bulk operations, retention of logs. */
  timers: Process;
}

/** As the step's function told it last. */
export interface Progress {
  /** From 0 to 1, where it can tell. */
  fraction: number | null;
  message: string;
}

/** Active where every partition is projected. */
export interface Projectors {
  /** One is at work now. False: start it, nothing goes on without it. */
  active: boolean;
  /** Others that take over if it ends. */
  standing_by: number;
  /** Processes that do. */
  projecting: number;
  /** Partitions that nobody projects. */
  unprojected: number[];
}

export interface Publisher {
  /** Grows with every publisher that begins. */
  epoch: number;
  /** Everything up to here is in Kafka for certain. */
  position: number;
  /** When the last event of that was recorded. */
  published_at: string | null;
  lag_events: number;
  lag_s: number;
}

export interface Queue {
  queue: string;
  /** Jobs that a worker may lease now. */
  queued: number;
  /** Jobs that wait for their time, for instance to be tried again. */
  later: number;
  leased: number;
  /** Since when the first of the queued ones is available. */
  oldest: string | null;
  /** Live ones. */
  workers: number;
  /** Of them together, as far as they say so. */
  slots: number | null;
}

export interface QueueList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  items: Queue[];
}

export interface RecentRun {
  run_id: string;
  number: number;
  state: RunState;
  /** From created to end. */
  duration_s: number | null;
  created_at: string;
}

export interface RedoSafety {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  run_id: string;
  workflow: string;
  number: number;
  /** Of the run, as it was looked at. Send it with the command as If-Match. */
  version: number;
  /** For each step that would run again, in the order of the definition. */
  verdicts: StepVerdict[];
  /** Not all are safe: the command is refused without `accept_unsafe`. */
  must_accept: boolean;
  /** The caller may send the command now (with `accept_unsafe`, where it must). */
  allowed: boolean;
  /** Of the refusal that it would meet otherwise. */
  code: string | null;
  why_not: string | null;
  step: string;
  /**
   * The step that would be done again: the one asked for, or the one under review by
   * it. Null: it is an approval of several.
   */
  redone: string | null;
}

export interface Refusal {
  id: string;
  run_id: string | null;
  command: string;
  body: JsonValue;
  actor: string;
  recorded_by: string;
  code: string;
  message: string;
  version_seen: number;
  /** The log's end when it was refused. */
  position: number;
  recorded_at: string;
}

export interface RefusalList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: Refusal[];
}

export interface RefusalsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  run?: string | null;
  actor?: string | null;
  /** The refusal's code, as in the problem that the caller was answered. */
  code?: string | null;
}

export interface Replay {
  requested_by: string;
  requested_at: string;
  done_at: string | null;
  result: string | null;
}

export interface RetrySafety {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  run_id: string;
  workflow: string;
  number: number;
  /** Of the run, as it was looked at. Send it with the command as If-Match. */
  version: number;
  /** For each step that would run again, in the order of the definition. */
  verdicts: StepVerdict[];
  /** Not all are safe: the command is refused without `accept_unsafe`. */
  must_accept: boolean;
  /** The caller may send the command now (with `accept_unsafe`, where it must). */
  allowed: boolean;
  /** Of the refusal that it would meet otherwise. */
  code: string | null;
  why_not: string | null;
  retry_from: string;
  /** Of the new run. */
  workflow_version: number;
  /** Steps that would not run again. */
  carried: Carried[];
}

export interface RetrySafetyQuery {
  /** ``failed`` (all that did not complete), ``start``, or ``step:NAME``. */
  from?: string;
  /** Of the workflow. By default that of the run. */
  version?: number | null;
}

export interface Review {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  run_id: string;
  step: string;
  iteration: number;
  workflow: string;
  number: number;
  state: "open" | "approved" | "rejected" | "withdrawn";
  /** People by name. Nobody and no group: everybody who holds the role approver. */
  approvers: string[];
  groups: string[];
  /** How many must agree. */
  required: number;
  agreed: number;
  /** How many must disagree for it to be rejected. */
  rejections: number;
  rejected: number;
  not_own: boolean;
  /** Whose own it is, where the policy says that these do not decide. */
  barred: Barred[];
  decisions: Decision[];
  /** Oldest first. */
  delegations: Delegation[];
  /** Who decides in somebody's place now. */
  delegates: string[];
  requested_at: string;
  requested_by: string;
  /** The one whose output it is about; null: it is about what the step needs. */
  attempt: number | null;
  /** Of output and summary. Send it, and the iteration, with the decision. */
  subject_digest: string;
  subject: Content | null;
  /** What the author of the output wrote to reviewers. */
  summary: string;
  /** What led to this iteration. */
  redo: SentBack | null;
  expires_at: string | null;
  /** What it counts as if it expires. */
  on_expiry: "reject" | "approve" | null;
  expired: boolean;
  reminders: number;
  reminded_at: string | null;
  closed_at: string | null;
  closed_because: string;
  standing: Standing;
  /** Of the run. */
  version: number;
  run_state: RunState;
  workflow_version: number;
  kind: "task" | "approval";
  /** Of the step, by the author of the workflow. */
  description: string;
  /** The tasks whose outputs are to be approved. */
  about: string[];
  /** Of the run. */
  inputs: Content | null;
  /** JSON Schema (2020-12) of what ``form`` must be in an approval. */
  form: Record<string, JsonValue> | null;
  expires_s: number | null;
  remind_s: number | null;
  on_reject: "fail" | "cancel" | "redo";
  /** The step that a rejection sends back to work. */
  redoes: string | null;
  /** Oldest first. */
  earlier: EarlierQuestion[];
}

/** What is answered is read from the log, so nothing has to be waited for. */
export interface ReviewQuery {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Version of this run that a command answered. The answer is not older. */
  min_version?: number | null;
  /** Of the step; by default the last one that was asked about. */
  iteration?: number | null;
}

export interface RunAnswer {
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  run_id: string;
  workflow: string;
  workflow_version: number;
  number: number;
  state: RunState;
  observed: boolean;
  source: string | null;
  external_id: string | null;
  created_at: string;
  created_by: string;
  started_at: string | null;
  ended_at: string | null;
  /** When it came into its present state. */
  changed_at: string;
  /** From created to end. */
  duration_s: number | null;
  held: boolean;
  waiting: boolean;
  cancel_requested: boolean;
  /** Cancellation was asked for, and some step has not stopped yet. */
  canceling: boolean;
  cause: Cause | null;
  /** Steps by their state. */
  step_counts: Record<string, number>;
  /** Running, queued or waiting; the first 20. */
  active_steps: string[];
  retry_of: string | null;
  root_run: string | null;
  retry_from: string | null;
  retries: string[];
  /** A retry that was given inputs of its own. */
  other_inputs: boolean;
  /** How many events it has. */
  version: number;
  degraded: boolean;
  inputs: Content | null;
  /** Its state in words: what it waits for, since when, who can act; why it ended. */
  explanation: string;
  /** What it waits for now; the first 50 of its steps, each of which says it too. */
  awaits: Awaited[];
  /** When it will have taken longer than its workflow allows. */
  times_out_at: string | null;
  /** In the order of the definition. */
  steps: StepDetail[];
  /** Steps that this retry did not run again: their outputs come from another run. */
  carried: string[];
  /** Of a retry: what was known of steps that it runs again, when it was asked for. */
  verdicts: StepVerdict[];
  lineage: Lineage;
  actions: Action[];
  degradation: Degradation | null;
  /** Where it is told as it was; null: as it is now. */
  as_of: Point | null;
}

export interface RunJobsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Any of these. May stand more than once. */
  state?: ("queued" | "leased" | "succeeded" | "failed" | "lost" | "canceled" | "released")[];
  queue?: string | null;
  /** The process that has or had it, as it calls itself. */
  worker?: string | null;
}

export interface RunList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: RunSummary[];
}

export interface RunPath {
  ns: string;
  run_id: string;
}

export type RunState = "created" | "queued" | "running" | "waiting_for_approval" | "paused" | "completed" | "failed" | "canceled";

export interface RunSummary {
  run_id: string;
  workflow: string;
  workflow_version: number;
  number: number;
  state: RunState;
  observed: boolean;
  source: string | null;
  external_id: string | null;
  created_at: string;
  created_by: string;
  started_at: string | null;
  ended_at: string | null;
  /** When it came into its present state. */
  changed_at: string;
  /** From created to end. */
  duration_s: number | null;
  held: boolean;
  waiting: boolean;
  cancel_requested: boolean;
  /** Cancellation was asked for, and some step has not stopped yet. */
  canceling: boolean;
  cause: Cause | null;
  /** Steps by their state. */
  step_counts: Record<string, number>;
  /** Running, queued or waiting; the first 20. */
  active_steps: string[];
  retry_of: string | null;
  root_run: string | null;
  retry_from: string | null;
  retries: string[];
  /** A retry that was given inputs of its own. */
  other_inputs: boolean;
  /** How many events it has. */
  version: number;
  position: number;
  degraded: boolean;
}

export interface RunsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  workflow?: string | null;
  /** Any of these. May stand more than once. */
  state?: RunState[];
  /** Who created it. */
  actor?: string | null;
  created_after?: string | null;
  created_before?: string | null;
  retry_of?: string | null;
  observed?: boolean | null;
  /** What the source of an observed run calls it. */
  external_id?: string | null;
  number?: number | null;
  /** Of the workflow. */
  version?: number | null;
  /** Whether it retries another run. */
  retry?: boolean | null;
  /**
   * Only runs with an open approval that the caller may decide: what approvals answer
   * with ``mine=true&state=open``.
   */
  mine?: boolean;
}

/** What led to another iteration. */
export interface SentBack {
  /** The one sent back to work. */
  step: string;
  by: string;
  at: string;
  feedback: string;
  /** It followed from a rejection, as the workflow has it. */
  after_rejection: boolean;
}

/** What one person may do about it: whom was asked for, else the caller. */
export interface Standing {
  person: string;
  may_decide: boolean;
  why_not: string | null;
  /** Whose place the person has been given. */
  in_place_of: string | null;
}

export interface StepAnswer {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  step: string;
  state: StepState;
  kind: "task" | "approval";
  needs: string[];
  effects: "none" | "idempotent" | "once" | null;
  /** Where workers find its jobs. Null: a service carries it out and reports it. */
  queue: string | null;
  requires: string[];
  /** How long an attempt may take. */
  timeout_s: number | null;
  max_attempts: number | null;
  max_losses: number | null;
  description: string;
  iteration: number;
  attempts: Attempt[];
  /** Attempts of this iteration that were lost. */
  losses: number;
  /** The one that is queued or leased now. */
  job: StepJob | null;
  /** What it waits for now, if anything. */
  awaits: Awaited | null;
  waits: Waits;
  approvals: StepApproval[];
  output: Content | null;
  error: Failure | null;
  reason: string;
  actor: string;
  changed_at: string | null;
  queued_at: string | null;
  /** Not to be started earlier. */
  available_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  /** When the running attempt will have taken too long. */
  times_out_at: string | null;
  /** Sum of its attempts: the time that it ran. */
  duration_s: number | null;
  /** The run whose output this retry took over. */
  carried_from: string | null;
  /** Its state in words. */
  explanation: string;
  actions: Action[];
  run_id: string;
  workflow: string;
  number: number;
  version: number;
  degraded: boolean;
  as_of: Point | null;
}

export interface StepApproval {
  iteration: number;
  state: "open" | "approved" | "rejected" | "withdrawn";
  /** People by name. Nobody and no group: everybody who holds the role approver. */
  approvers: string[];
  groups: string[];
  required: number;
  agreed: number;
  /** How many must disagree for it to be rejected. */
  rejections: number;
  rejected: number;
  not_own: boolean;
  barred: Barred[];
  decisions: Decision[];
  delegations: Delegation[];
  attempt: number | null;
  /** Of what is to be approved. Send it with the decision. */
  subject_digest: string;
  subject: Content | null;
  summary: string;
  requested_at: string;
  requested_by: string;
  expires_at: string | null;
  /** What it counts as if it expires. */
  on_expiry: "reject" | "approve" | null;
  expired: boolean;
  reminders: number;
  closed_at: string | null;
  closed_because: string;
}

/** A named place in a workflow version. */
export interface StepDefinition {
  name: string;
  kind?: "task" | "approval";
  needs?: string[];
  effects?: "none" | "idempotent" | "once";
  queue?: string | null;
  requires?: string[];
  timeout_s?: number | null;
  max_attempts?: number;
  backoff?: Backoff;
  max_losses?: number;
  approval?: ApprovalPolicy | null;
  on_reject?: OnReject;
  description?: string;
}

export interface StepDetail {
  step: string;
  state: StepState;
  kind: "task" | "approval";
  needs: string[];
  effects: "none" | "idempotent" | "once" | null;
  /** Where workers find its jobs. Null: a service carries it out and reports it. */
  queue: string | null;
  requires: string[];
  /** How long an attempt may take. */
  timeout_s: number | null;
  max_attempts: number | null;
  max_losses: number | null;
  description: string;
  iteration: number;
  attempts: Attempt[];
  /** Attempts of this iteration that were lost. */
  losses: number;
  /** The one that is queued or leased now. */
  job: StepJob | null;
  /** What it waits for now, if anything. */
  awaits: Awaited | null;
  waits: Waits;
  approvals: StepApproval[];
  output: Content | null;
  error: Failure | null;
  reason: string;
  actor: string;
  changed_at: string | null;
  queued_at: string | null;
  /** Not to be started earlier. */
  available_at: string | null;
  started_at: string | null;
  ended_at: string | null;
  /** When the running attempt will have taken too long. */
  times_out_at: string | null;
  /** Sum of its attempts: the time that it ran. */
  duration_s: number | null;
  /** The run whose output this retry took over. */
  carried_from: string | null;
  /** Its state in words. */
  explanation: string;
  actions: Action[];
}

/** The lease under which a worker carries out an attempt. */
export interface StepJob {
  iteration: number;
  attempt: number;
  queue: string;
  state: "queued" | "leased" | "succeeded" | "failed" | "lost" | "canceled" | "released";
  /** Which process, as it calls itself. Empty: nobody has leased it. */
  worker: string;
  /** Whose token the worker has. */
  principal: string;
  /** Seconds, to the microsecond. */
  lease_s: number;
  queued_at: string;
  /** Not to be leased earlier. */
  available_at: string | null;
  leased_at: string | null;
  ended_at: string | null;
  /** Why it was canceled or released. */
  reason: string;
  /** How long it was not to be leased, where that is over. */
  backoff_s: number | null;
  /** How long it then waited for a worker; null while it does. */
  queued_s: number | null;
  /** From lease to end. */
  duration_s: number | null;
  /** The last one; of a leased job only, and null before the first. */
  heartbeat_at: string | null;
  lease_until: string | null;
  progress: Progress | null;
  /** Its worker is told by the next heartbeat to stop. */
  canceling: boolean;
}

export interface StepPath {
  ns: string;
  run_id: string;
  step: string;
}

export type StepState = "not_started" | "queued" | "running" | "completed" | "waiting_for_approval" | "failed" | "canceled" | "rejected";

/** May this step run again without harm, and why we think so. */
export interface StepVerdict {
  step: string;
  verdict: "safe" | "unsafe" | "unknown";
  reasons?: string[];
}

export interface StreamQuery {
  /** Begin after this position. Last-Event-ID, which browsers send, goes first. */
  after?: number | null;
  run?: string | null;
  workflow?: string | null;
  /** The topic begins with this. */
  topic?: string | null;
  actor?: string | null;
  correlation?: string | null;
}

export interface System {
  log: LogHead;
  publisher: Publisher;
  processes: Processes;
  generations: Generation[];
  parked: ParkedCount;
  /** Who follows the live stream of this process. */
  followers: number;
  /** Everything up to here is in the read tables. */
  position: number;
}

export interface Topic {
  topic: string;
  description: string;
}

export interface TopicList {
  items: Topic[];
}

export interface VersionList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  /** The newest first. */
  items: WorkflowVersion[];
}

/** How long a step waited, apart from running, as far as that is over. */
export interface Waits {
  /** Seconds, to the microsecond. */
  backoff_s: number;
  /** Seconds, to the microsecond. */
  queued_s: number;
  /** Seconds, to the microsecond. */
  people_s: number;
}

export interface Worker {
  /** As it calls itself. */
  worker: string;
  /** Offline: not heard of for a minute. */
  state: "live" | "offline";
  /** Whose token it has. */
  principal: string;
  queue: string;
  workflows: string[];
  capabilities: string[];
  /** How many jobs it carries out at a time, if it says so. */
  slots: number | null;
  first_seen: string;
  seen: string;
  jobs: HeldJob[];
}

export interface WorkerList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: Worker[];
}

export interface WorkersQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Offline: not heard of for a minute. */
  state?: "live" | "offline" | null;
  queue?: string | null;
}

export interface WorkflowAnswer {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  name: string;
  version: number;
  newest_version: number;
  digest: string;
  definition: WorkflowDefinition;
  registered_at: string;
  registered_by: string;
  runs: Record<string, number>;
}

/** One version of a workflow, as its author wrote it. */
export interface WorkflowDefinition {
  name: string;
  steps?: StepDefinition[];
  on_failure?: "drain" | "continue";
  timeout_s?: number | null;
  input_schema?: Record<string, JsonValue> | null;
  description?: string;
  metadata?: Record<string, JsonValue>;
}

export interface WorkflowList {
  /** Everything up to this place of the log is in the answer. */
  position: number;
  /** What the caller had asked for did not arrive in time: this is older. */
  stale: boolean;
  /** Cursor of the next page; null where this is the last one. */
  next: string | null;
  /** Runs of this answer whose newest events could not be applied to it. */
  degraded: string[];
  items: WorkflowSummary[];
}

export interface WorkflowPath {
  ns: string;
  name: string;
}

export interface WorkflowQuery {
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** By default the newest. */
  version?: number | null;
}

export interface WorkflowSummary {
  name: string;
  version: number;
  digest: string;
  step_count: number;
  registered_at: string;
  registered_by: string;
  position: number;
  /** Runs by their state. */
  runs: Record<string, number>;
  /** The last 30, newest first. */
  recent: RecentRun[];
}

export interface WorkflowVersion {
  version: number;
  digest: string;
  registered_at: string;
  registered_by: string;
  step_count: number;
}

export interface WorkflowsQuery {
  limit?: number;
  /** The member ``next`` of the page before. */
  cursor?: string | null;
  /** Position that a command answered. The answer has everything up to there. */
  min_position?: number | null;
  /** 503 where the answer would be stale, instead of saying so in it. */
  strict?: boolean;
  /** How long to wait for that. */
  wait_s?: number;
  /** Only those whose name contains this, in upper or lower case. */
  q?: string | null;
}

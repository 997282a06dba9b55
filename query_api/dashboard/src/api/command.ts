// Made by generate_types.py from the OpenAPI document: do not edit.

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

export interface Approve {
  occurred_at?: string | null;
  actor?: string | null;
  step: string;
  iteration?: number | null;
  subject_digest?: string | null;
  comment?: string;
  seen_version?: number | null;
  form?: JsonValue;
  type?: "approve";
}

export interface ApproveBody {
  occurred_at?: string | null;
  actor?: string | null;
  iteration?: number | null;
  subject_digest?: string | null;
  comment?: string;
  seen_version?: number | null;
  form?: JsonValue;
}

export interface ApproveSteps {
  type: "approve";
  form?: JsonValue;
}

/** How long a failed step waits before it is tried again. */
export interface Backoff {
  first_s?: number;
  factor?: number;
  most_s?: number;
}

export interface Batch {
  items: Item[];
}

export interface BatchAnswer {
  items: ItemAnswer[];
  position: number;
}

/**
 * ``ok``: the lease is extended. ``stop``: so it is, but the run is being canceled:
 * stop, and report ``stop_job`` (what is done all the same may be reported as done).
 * ``gone``: the lease is no longer the worker's, and what it reports is discarded.
 */
export interface BeatAnswer {
  run_id: string;
  step: string;
  lease: string;
  state: "ok" | "stop" | "gone";
  reason: string;
}

/** Where the operation is after the command. How it goes on, the query API shows. */
export interface BulkAnswer {
  bulk_id: string;
  state: "running" | "stopping" | "stopped" | "completed";
  total: number;
  version: number;
  position: number;
  repeated?: boolean;
}

export interface BulkPath {
  ns: string;
  bulk_id: string;
}

/** What a bulk operation would be about if it started now. */
export interface BulkPreview {
  total: number;
  items: PreviewItem[];
  expected: Record<string, number>;
  refusals: ExpectedRefusal[];
  safety: SafetyCounts | null;
  digest: string;
  position: number;
  head: number;
}

export interface CancelRun {
  type?: "cancel_run";
  reason?: string;
  force?: boolean;
}

export interface CancelRunBody {
  reason?: string;
  force?: boolean;
}

export interface CancelRuns {
  type: "cancel";
  force?: boolean;
}

/** Observed runs only: the source gave the step up or left it out. */
export interface CancelStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "cancel_step";
  step: string;
  reason?: string;
}

/**
 * Where the run is after the command. What it looks like, the query API tells: give it
 * version or position, and it waits until it can show them.
 */
export interface CommandAnswer {
  run_id: string;
  workflow: string;
  number: number;
  version: number;
  position: number;
  state: string;
  linked?: LinkedAnswer | null;
  repeated?: boolean;
}

export interface CompleteStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "complete_step";
  step: string;
  attempt?: number | null;
  lease?: string | null;
  output?: JsonValue;
  duration_us?: number | null;
}

export interface CompleteStepBody {
  occurred_at?: string | null;
  actor?: string | null;
  attempt?: number | null;
  lease?: string | null;
  output?: JsonValue;
  duration_us?: number | null;
}

export interface ContinueRun {
  type?: "continue_run";
  reason?: string;
}

export interface ContinueRunBody {
  reason?: string;
}

export interface CreateRun {
  type?: "create_run";
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  start?: boolean;
}

/** Have somebody else decide in the caller's place. */
export interface DelegateApproval {
  type?: "delegate_approval";
  step: string;
  iteration?: number | null;
  to: string;
  comment?: string;
}

/** Have somebody else decide in the caller's place. */
export interface DelegateApprovalBody {
  iteration?: number | null;
  to: string;
  comment?: string;
}

/** What somebody said of it. */
export interface EarlierDecision {
  actor: string;
  decision: "approved" | "rejected";
  at: string;
  comment: string;
  form: JsonValue;
}

/** What came of an iteration of the same step, and what people said of it. */
export interface EarlierIteration {
  iteration: number;
  output: JsonValue;
  summary: string;
  decisions: EarlierDecision[];
}

/** Observed runs only: how it ended, by its source. */
export interface EndRun {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "end_run";
  outcome: "completed" | "failed" | "canceled";
  step?: string | null;
  error?: Failure | null;
  reason?: string;
  duration_us?: number | null;
}

export interface ExpectedRefusal {
  code: string;
  why: string;
  items: number;
}

export interface FailStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "fail_step";
  step: string;
  attempt?: number | null;
  lease?: string | null;
  error?: Failure;
  retryable?: boolean;
  duration_us?: number | null;
}

export interface FailStepBody {
  occurred_at?: string | null;
  actor?: string | null;
  attempt?: number | null;
  lease?: string | null;
  error?: Failure;
  retryable?: boolean;
  duration_us?: number | null;
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

export interface Health {
  status: string;
  checks: Record<string, Finding>;
}

export interface HeartbeatAnswer {
  jobs: BeatAnswer[];
}

export interface HeartbeatBody {
  worker: string;
  jobs: HeartbeatJob[];
}

export interface HeartbeatJob {
  run_id: string;
  step: string;
  lease: string;
  progress?: Progress | null;
}

/** One run's commands: recorded all together or not at all. */
export interface Item {
  key?: string | null;
  run_id?: string | null;
  if_match?: number | null;
  commands: (CreateRun | StartRun | PauseRun | ContinueRun | CancelRun | RetryRun | StartStep | CompleteStep | FailStep | RequestApproval | ReleaseJob | StopJob | Approve | Reject | DelegateApproval | RedoStep | ObserveRun | QueueStep | CancelStep | NoteStep | EndRun)[];
}

/** What the item alone would have been answered. */
export interface ItemAnswer {
  status: number;
  key: string;
  answer?: CommandAnswer | null;
  problem?: ProblemDocument | null;
}

/** A job that is the worker's now, and what it needs to do it. */
export interface JobAnswer {
  run_id: string;
  workflow: string;
  workflow_version: number;
  number: number;
  step: string;
  iteration: number;
  attempt: number;
  lease: string;
  lease_s: number;
  timeout_s: number | null;
  effects: "none" | "idempotent" | "once";
  retry_of: string | null;
  inputs: JsonValue;
  outputs: Record<string, JsonValue>;
  approvals: Record<string, EarlierDecision[]>;
  feedback: string | null;
  earlier: EarlierIteration[];
}

export type JsonValue = unknown;

export interface LeaseAnswer {
  jobs: JobAnswer[];
  position: number;
}

/** What a worker can do, and how much of it at once. */
export interface LeaseBody {
  worker: string;
  queue?: string;
  workflows: string[];
  capabilities?: string[];
  max_jobs?: number;
  lease_s?: number;
  wait_s?: number;
  slots?: number | null;
  known?: string[] | null;
}

/** The other run of a retry. */
export interface LinkedAnswer {
  run_id: string;
  number: number;
  version: number;
  position: number;
}

export interface LogAnswer {
  /** In the order of the request's batches. */
  items: LogItemAnswer[];
}

/** Consecutive lines of one attempt. */
export interface LogBatch {
  run_id: string;
  step: string;
  attempt: number;
  /** The job's, where the attempt has one. Checked where it is sent. */
  lease?: string | null;
  /**
   * The writer's own number of the first of these lines: it counts from 1, and the
   * answer says `next`. What is there already is known by it, and left out.
   */
  first: number;
  /** None at all: the answer says where to go on. */
  lines: LogLine[];
}

export interface LogBatches {
  batches: LogBatch[];
}

/** What became of one batch. */
export interface LogItemAnswer {
  status: number;
  /**
   * The number that the writer's next line has. With `lines-missing` it is where to go
   * on.
   */
  next?: number | null;
  /** How many lines of the attempt came after its limit: counted, not kept. */
  over_limit?: number;
  problem?: ProblemDocument | null;
}

/** A line. No model but a plain dict: there are many. */
export interface LogLine {
  text: string;
  at?: string;
  stream?: "stdout" | "stderr" | "log";
  level?: "debug" | "info" | "warning" | "error";
}

export interface MadeToken {
  id: string;
  namespace: string;
  name: string;
  roles: string[];
  groups: string[];
  created_at: string;
  created_by: string;
  expires_at: string | null;
  revoked_at: string | null;
  token: string;
}

export interface NamespacePath {
  ns: string;
}

/** The same, with the digest of the list that the caller was shown. */
export interface NewBulk {
  command: CancelRuns | RetryRuns | ApproveSteps | RejectSteps | RedoSteps;
  filter: RunFilter;
  digest?: string | null;
  take_as_is?: boolean;
  reason?: string;
}

/** A run to be. With its own ``run_id`` a service knows it before it is made. */
export interface NewRun {
  type?: "create_run";
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  start?: boolean;
  run_id?: string | null;
}

/** A run to be. With its own ``run_id`` a service knows it before it is made. */
export interface NewRunBody {
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  start?: boolean;
  run_id?: string | null;
}

export interface NewToken {
  name: string;
  roles: ("viewer" | "operator" | "approver" | "worker" | "auditor" | "admin")[];
  groups?: string[];
  expires_in_s?: number | null;
}

/**
 * Whoever reports goes on at once with what that queues in the same runs: at most as
 * many jobs of a run as reports on it. Members as for leasing.
 */
export interface NextJobs {
  worker: string;
  queue?: string;
  workflows: string[];
  capabilities?: string[];
  lease_s?: number;
}

/** Observed runs only: told by the source, changing no state. */
export interface NoteStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "note_step";
  step: string;
  transition: string;
  note?: string;
}

/** Put a run on record that ran, or runs, elsewhere. */
export interface ObserveRun {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "observe_run";
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  source: string;
  external_id: string;
  source_digest?: string | null;
}

/** A run that is to be put on record. With its own ``run_id`` it can be repeated. */
export interface ObservedRun {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "observe_run";
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  source: string;
  external_id: string;
  source_digest?: string | null;
  run_id?: string | null;
}

/** A run that is to be put on record. With its own ``run_id`` it can be repeated. */
export interface ObservedRunBody {
  occurred_at?: string | null;
  actor?: string | null;
  workflow: string;
  version?: number | null;
  inputs?: JsonValue;
  source: string;
  external_id: string;
  source_digest?: string | null;
  run_id?: string | null;
}

/** What a rejection leads to. */
export interface OnReject {
  action?: "fail" | "cancel" | "redo";
  step?: string | null;
}

export interface PauseRun {
  type?: "pause_run";
  reason?: string;
}

export interface PauseRunBody {
  reason?: string;
}

/** What is to be done, and to which runs. */
export interface Preview {
  command: CancelRuns | RetryRuns | ApproveSteps | RejectSteps | RedoSteps;
  filter: RunFilter;
}

/** A run of the list, or the question of one of its steps. */
export interface PreviewItem {
  run_id: string;
  workflow: string | null;
  number: number | null;
  state: string | null;
  step: string | null;
  iteration: number | null;
  subject_digest: string | null;
  summary: string | null;
  expected: "done" | "nothing" | "refused" | "not_found";
  code: string | null;
  why: string | null;
  verdict: "safe" | "unknown" | "unsafe" | null;
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

export interface Progress {
  fraction?: number | null;
  message?: string;
}

/** Observed runs only: the source has planned the step. */
export interface QueueStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "queue_step";
  step: string;
}

/** Another iteration of a step, and of all that was built on it. */
export interface RedoStep {
  type?: "redo_step";
  step: string;
  feedback?: string;
  accept_unsafe?: boolean;
}

/** Another iteration of a step, and of all that was built on it. */
export interface RedoStepBody {
  feedback?: string;
  accept_unsafe?: boolean;
}

export interface RedoSteps {
  type: "redo";
  step: string;
  accept_unsafe?: boolean;
}

/** The version that has this definition. */
export interface Registered {
  workflow: string;
  version: number;
  position: number;
  repeated?: boolean;
}

export interface Reject {
  occurred_at?: string | null;
  actor?: string | null;
  step: string;
  iteration?: number | null;
  subject_digest?: string | null;
  comment?: string;
  seen_version?: number | null;
  form?: JsonValue;
  type?: "reject";
}

export interface RejectBody {
  occurred_at?: string | null;
  actor?: string | null;
  iteration?: number | null;
  subject_digest?: string | null;
  comment?: string;
  seen_version?: number | null;
  form?: JsonValue;
}

export interface RejectSteps {
  type: "reject";
}

/** A worker gives its job back, unfinished: another one may take it. */
export interface ReleaseJob {
  type?: "release_job";
  step: string;
  attempt: number;
  lease: string;
  delay_s?: number;
  reason?: string;
}

/** A wish; GET /v1/{ns}/parked of the query API shows what is still parked. */
export interface Replay {
  request_id: number;
  run_id: string;
}

export interface ReportAnswer {
  status: number;
  answer?: ReportedAnswer | null;
  problem?: ProblemDocument | null;
}

export interface ReportItem {
  run_id: string;
  report: CompleteStep | FailStep | RequestApproval | ReleaseJob | StopJob;
}

export interface ReportedAnswer {
  run_id: string;
  workflow: string;
  number: number;
  version: number;
  position: number;
  state: string;
  linked?: LinkedAnswer | null;
  repeated?: boolean;
  discarded: boolean;
}

/** Commands to one run, in order: recorded all together or not at all. */
export interface Reports {
  commands: (CreateRun | StartRun | PauseRun | ContinueRun | CancelRun | RetryRun | StartStep | CompleteStep | FailStep | RequestApproval | ReleaseJob | StopJob | Approve | Reject | DelegateApproval | RedoStep | ObserveRun | QueueStep | CancelStep | NoteStep | EndRun)[];
}

export interface ReportsAnswer {
  items: ReportAnswer[];
  jobs: JobAnswer[];
  position: number;
}

export interface ReportsBody {
  reports: ReportItem[];
  next?: NextJobs | null;
}

/** The attempt has succeeded; people are asked about its output. */
export interface RequestApproval {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "request_approval";
  step: string;
  attempt?: number | null;
  lease?: string | null;
  output?: JsonValue;
  summary?: string;
  policy?: ApprovalPolicy | null;
  duration_us?: number | null;
}

/** The attempt has succeeded; people are asked about its output. */
export interface RequestApprovalBody {
  occurred_at?: string | null;
  actor?: string | null;
  attempt?: number | null;
  lease?: string | null;
  output?: JsonValue;
  summary?: string;
  policy?: ApprovalPolicy | null;
  duration_us?: number | null;
}

/** Run a finished run's unfinished part again, as a new run linked to it. */
export interface RetryRun {
  type?: "retry_run";
  retry_from?: string;
  version?: number | null;
  reason?: string;
  inputs?: JsonValue;
  accept_unsafe?: boolean;
}

/** Run a finished run's unfinished part again, as a new run linked to it. */
export interface RetryRunBody {
  retry_from?: string;
  version?: number | null;
  reason?: string;
  inputs?: JsonValue;
  accept_unsafe?: boolean;
}

export interface RetryRuns {
  type: "retry";
  retry_from?: string;
  accept_unsafe?: boolean;
}

/** Which runs are meant: all that fit every member that is there. */
export interface RunFilter {
  workflow?: string | null;
  state?: RunState[];
  actor?: string | null;
  created_after?: string | null;
  created_before?: string | null;
  retry_of?: string | null;
  observed?: boolean | null;
  external_id?: string | null;
  number?: number | null;
  step?: string | null;
  run_ids?: string[];
}

export interface RunPath {
  ns: string;
  run_id: string;
}

export type RunState = "created" | "queued" | "running" | "waiting_for_approval" | "paused" | "completed" | "failed" | "canceled";

/** Runs by the worst verdict of the steps that would run again. */
export interface SafetyCounts {
  safe: number;
  unknown: number;
  unsafe: number;
}

/** Who one is, what one may do, and what commands must carry. */
export interface Session {
  name: string;
  namespace: string;
  roles: string[];
  groups: string[];
  actions: string[];
  expires_at: string | null;
  csrf: string | null;
}

export interface SignIn {
  token?: string | null;
  code?: string | null;
}

export interface StartRun {
  type?: "start_run";
}

export interface StartRunBody {
}

export interface StartStep {
  occurred_at?: string | null;
  actor?: string | null;
  type?: "start_step";
  step: string;
  attempt?: number | null;
}

export interface StartStepBody {
  occurred_at?: string | null;
  actor?: string | null;
  attempt?: number | null;
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

export interface StepPath {
  ns: string;
  run_id: string;
  step: string;
}

export interface Stop {
  reason?: string;
}

/** A worker tells that it has stopped, as its heartbeat asked it to. */
export interface StopJob {
  type?: "stop_job";
  step: string;
  attempt: number;
  lease: string;
  reason?: string;
}

export interface TokenAnswer {
  id: string;
  namespace: string;
  name: string;
  roles: string[];
  groups: string[];
  created_at: string;
  created_by: string;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface TokenPath {
  ns: string;
  token_id: string;
}

export interface Tokens {
  items: TokenAnswer[];
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

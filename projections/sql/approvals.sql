-- Read model: one row per question that a step puts to people (once per iteration).
-- Where a column may be null, rows of before there was such a column have nothing of it.

-- name: create
CREATE TABLE approvals (
    run_id         uuid        NOT NULL,
    step           text        NOT NULL,
    iteration      integer     NOT NULL,
    namespace      text        NOT NULL,
    workflow       text        NOT NULL,
    number         bigint      NOT NULL,
    state          text        NOT NULL,
    approvers      text[]      NOT NULL,
    required       integer     NOT NULL,
    agreed         integer     NOT NULL,
    decisions      jsonb       NOT NULL,
    requested_at   timestamptz NOT NULL,
    requested_by   text        NOT NULL,
    subject_digest text        NOT NULL,
    subject        jsonb,
    summary        text        NOT NULL,
    closed_at      timestamptz,
    closed_because text        NOT NULL,
    version        bigint      NOT NULL,
    position       bigint      NOT NULL,
    groups         text[],
    rejections     integer,
    rejected       integer,
    not_own        boolean,
    barred         jsonb,       -- person and why, where the policy says not_own
    delegations    jsonb,
    delegates      text[],      -- who decides in somebody's place now
    ineligible     text[],      -- who is not to decide, or not any more
    form           jsonb,
    expires_at     timestamptz,
    on_expiry      text,
    expired        boolean,
    reminders      integer,
    reminded_at    timestamptz,
    attempt        integer,
    redo           jsonb,       -- what led to the iteration
    PRIMARY KEY (run_id, step, iteration)
) WITH (fillfactor = 75)

-- name: index
CREATE INDEX ON approvals (namespace, state, requested_at);

-- name: upsert
INSERT INTO approvals AS current
SELECT * FROM jsonb_populate_recordset(NULL::approvals, %(rows)s::jsonb)
ON CONFLICT (run_id, step, iteration) DO UPDATE
   SET (namespace, workflow, number, state, approvers, required, agreed, decisions,
        requested_at, requested_by, subject_digest, subject, summary, closed_at,
        closed_because, version, position, groups, rejections, rejected, not_own,
        barred, delegations, delegates, ineligible, form, expires_at, on_expiry,
        expired, reminders, reminded_at, attempt, redo)
     = (excluded.namespace, excluded.workflow, excluded.number, excluded.state,
        excluded.approvers, excluded.required, excluded.agreed, excluded.decisions,
        excluded.requested_at, excluded.requested_by, excluded.subject_digest,
        excluded.subject, excluded.summary, excluded.closed_at,
        excluded.closed_because, excluded.version, excluded.position,
        excluded.groups, excluded.rejections, excluded.rejected, excluded.not_own,
        excluded.barred, excluded.delegations, excluded.delegates,
        excluded.ineligible, excluded.form, excluded.expires_at,
        excluded.on_expiry, excluded.expired,
        excluded.reminders, excluded.reminded_at, excluded.attempt, excluded.redo)

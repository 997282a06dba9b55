-- Read model: one row per question that a step puts to people (once per iteration).

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
        closed_because, version, position)
     = (excluded.namespace, excluded.workflow, excluded.number, excluded.state,
        excluded.approvers, excluded.required, excluded.agreed, excluded.decisions,
        excluded.requested_at, excluded.requested_by, excluded.subject_digest,
        excluded.subject, excluded.summary, excluded.closed_at,
        excluded.closed_because, excluded.version, excluded.position)

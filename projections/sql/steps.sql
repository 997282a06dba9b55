-- Read model: one row per step of a run, from the run's first event on.

-- name: create
CREATE TABLE steps (
    run_id       uuid    NOT NULL,
    step         text    NOT NULL,
    namespace    text    NOT NULL,
    workflow     text    NOT NULL,
    number       bigint  NOT NULL,
    ordinal      integer NOT NULL,
    state        text    NOT NULL,
    iteration    integer NOT NULL,
    attempt_count integer NOT NULL,
    attempts     jsonb   NOT NULL,
    approvals    jsonb   NOT NULL,
    output       jsonb,
    error        jsonb,
    reason       text    NOT NULL,
    actor        text    NOT NULL,
    changed_at   timestamptz,
    queued_at    timestamptz,
    started_at   timestamptz,
    ended_at     timestamptz,
    duration_us  bigint,
    carried_from uuid,
    version      bigint  NOT NULL,
    position     bigint  NOT NULL,
    available_at timestamptz,
    PRIMARY KEY (run_id, step)
) WITH (fillfactor = 60)

-- name: upsert
INSERT INTO steps AS current
SELECT * FROM jsonb_populate_recordset(NULL::steps, %(rows)s::jsonb)
ON CONFLICT (run_id, step) DO UPDATE
   SET (namespace, workflow, number, ordinal, state, iteration, attempt_count,
        attempts, approvals, output, error, reason, actor, changed_at, queued_at,
        started_at, ended_at, duration_us, carried_from, version, position,
        available_at)
     = (excluded.namespace, excluded.workflow, excluded.number, excluded.ordinal,
        excluded.state, excluded.iteration, excluded.attempt_count,
        excluded.attempts, excluded.approvals, excluded.output, excluded.error,
        excluded.reason, excluded.actor, excluded.changed_at, excluded.queued_at,
        excluded.started_at, excluded.ended_at, excluded.duration_us,
        excluded.carried_from, excluded.version, excluded.position,
        excluded.available_at)

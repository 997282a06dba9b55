-- Read model: one row per run, for lists and for the head of a run's page.

-- name: create
-- Updated a few times in a run's life: room on the page keeps that off the indexes.
CREATE TABLE runs (
    run_id           uuid        PRIMARY KEY,
    namespace        text        NOT NULL,
    workflow         text        NOT NULL,
    workflow_version integer     NOT NULL,
    number           bigint      NOT NULL,
    state            text        NOT NULL,
    observed         boolean     NOT NULL,
    source           text,
    external_id      text,
    created_at       timestamptz NOT NULL,
    created_by       text        NOT NULL,
    started_at       timestamptz,
    ended_at         timestamptz,
    changed_at       timestamptz NOT NULL,
    duration_us      bigint,
    held             boolean     NOT NULL,
    waiting          boolean     NOT NULL,
    cancel_requested boolean     NOT NULL,
    cause            jsonb,
    step_counts      jsonb       NOT NULL,
    active_steps     text[]      NOT NULL,
    retry_of         uuid,
    root_run         uuid,
    retry_from       text,
    retries          uuid[]      NOT NULL,
    version          bigint      NOT NULL,
    position         bigint      NOT NULL,
    other_inputs     boolean     -- null: written before there was such a thing
) WITH (fillfactor = 75)

-- name: index
CREATE INDEX ON runs (namespace, workflow, number DESC);
CREATE INDEX ON runs (namespace, created_at DESC, run_id DESC);
CREATE INDEX ON runs (namespace, state, created_at DESC);
CREATE INDEX ON runs (retry_of) WHERE retry_of IS NOT NULL;

-- name: upsert
INSERT INTO runs AS current
SELECT * FROM jsonb_populate_recordset(NULL::runs, %(rows)s::jsonb)
ON CONFLICT (run_id) DO UPDATE
   SET (namespace, workflow, workflow_version, number, state, observed, source,
        external_id, created_at, created_by, started_at, ended_at, changed_at,
        duration_us, held, waiting, cancel_requested, cause, step_counts,
        active_steps, retry_of, root_run, retry_from, retries, version, position,
        other_inputs)
     = (excluded.namespace, excluded.workflow, excluded.workflow_version,
        excluded.number, excluded.state, excluded.observed, excluded.source,
        excluded.external_id, excluded.created_at, excluded.created_by,
        excluded.started_at, excluded.ended_at, excluded.changed_at,
        excluded.duration_us, excluded.held, excluded.waiting,
        excluded.cancel_requested, excluded.cause, excluded.step_counts,
        excluded.active_steps, excluded.retry_of, excluded.root_run,
        excluded.retry_from, excluded.retries, excluded.version, excluded.position,
        excluded.other_inputs)

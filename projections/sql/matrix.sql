-- Read model: one row per run with one character per step, for the history matrix.

-- name: create
CREATE TABLE matrix (
    run_id           uuid        PRIMARY KEY,
    namespace        text        NOT NULL,
    workflow         text        NOT NULL,
    workflow_version integer     NOT NULL,
    number           bigint      NOT NULL,
    state            text        NOT NULL,
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    duration_us      bigint,
    retry_of         uuid,
    steps            text[],     -- null: those of the definition, in its order
    cells            text        NOT NULL,
    durations        bigint[]    NOT NULL,
    attempts         smallint[]  NOT NULL,
    flags            text        NOT NULL,
    version          bigint      NOT NULL,
    position         bigint      NOT NULL
) WITH (fillfactor = 75)

-- name: index
CREATE INDEX ON matrix (namespace, workflow, number DESC);

-- name: upsert
INSERT INTO matrix AS current
SELECT * FROM jsonb_populate_recordset(NULL::matrix, %(rows)s::jsonb)
ON CONFLICT (run_id) DO UPDATE
   SET (namespace, workflow, workflow_version, number, state, created_at, ended_at,
        duration_us, retry_of, steps, cells, durations, attempts, flags, version,
        position)
     = (excluded.namespace, excluded.workflow, excluded.workflow_version,
        excluded.number, excluded.state, excluded.created_at, excluded.ended_at,
        excluded.duration_us, excluded.retry_of, excluded.steps, excluded.cells,
        excluded.durations, excluded.attempts, excluded.flags, excluded.version,
        excluded.position)

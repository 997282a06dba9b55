-- Read model: one row per job: what a worker was, is or will be given to carry out.

-- name: create
CREATE TABLE jobs (
    run_id       uuid        NOT NULL,
    step         text        NOT NULL,
    iteration    integer     NOT NULL,
    attempt      integer     NOT NULL,
    namespace    text        NOT NULL,
    workflow     text        NOT NULL,
    number       bigint      NOT NULL,
    queue        text        NOT NULL,
    state        text        NOT NULL,
    worker       text        NOT NULL,  -- empty: nobody has leased it
    principal    text        NOT NULL,
    lease_s      double precision NOT NULL,
    queued_at    timestamptz NOT NULL,
    available_at timestamptz,           -- not to be leased earlier
    leased_at    timestamptz,
    ended_at     timestamptz,
    reason       text        NOT NULL,
    outcome      text,                  -- of its attempt
    error        text,                  -- of its attempt, in one line
    version      bigint      NOT NULL,
    position     bigint      NOT NULL,
    PRIMARY KEY (run_id, step, iteration, attempt)
) WITH (fillfactor = 75)

-- name: index
-- Nearly all jobs succeed. The second index has only the others, so it stays small,
-- and a job that is projected when it is over costs it nothing.
CREATE INDEX ON jobs
    (namespace, queued_at DESC, run_id DESC, step DESC, iteration DESC, attempt DESC);
CREATE INDEX ON jobs (namespace, state, queued_at DESC) WHERE state <> 'succeeded';

-- name: upsert
INSERT INTO jobs AS current
SELECT * FROM jsonb_populate_recordset(NULL::jobs, %(rows)s::jsonb)
ON CONFLICT (run_id, step, iteration, attempt) DO UPDATE
   SET (namespace, workflow, number, queue, state, worker, principal, lease_s,
        queued_at, available_at, leased_at, ended_at, reason, outcome, error, version,
        position)
     = (excluded.namespace, excluded.workflow, excluded.number, excluded.queue,
        excluded.state, excluded.worker, excluded.principal, excluded.lease_s,
        excluded.queued_at, excluded.available_at, excluded.leased_at,
        excluded.ended_at, excluded.reason, excluded.outcome, excluded.error,
        excluded.version, excluded.position)

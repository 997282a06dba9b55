-- Read model: one row per item of a bulk operation, with what became of it.

-- name: create
CREATE TABLE bulk_items (
    bulk_id        uuid        NOT NULL,
    nth            integer     NOT NULL,
    namespace      text        NOT NULL,
    run_id         uuid        NOT NULL,
    workflow       text        NOT NULL,
    number         bigint      NOT NULL,
    step           text,
    iteration      integer,
    subject_digest text,
    result         text        NOT NULL,
    code           text        NOT NULL,
    message        text        NOT NULL,
    run_version    bigint,
    run_position   bigint,
    new_run        uuid,
    new_number     bigint,
    at             timestamptz NOT NULL,
    version        bigint      NOT NULL,
    position       bigint      NOT NULL,
    PRIMARY KEY (bulk_id, nth)
) WITH (fillfactor = 75)

-- name: index
CREATE INDEX ON bulk_items (bulk_id, result, nth);

-- name: upsert
INSERT INTO bulk_items AS current
SELECT * FROM jsonb_populate_recordset(NULL::bulk_items, %(rows)s::jsonb)
ON CONFLICT (bulk_id, nth) DO UPDATE
   SET (namespace, run_id, workflow, number, step, iteration, subject_digest, result,
        code, message, run_version, run_position, new_run, new_number, at, version,
        position)
     = (excluded.namespace, excluded.run_id, excluded.workflow, excluded.number,
        excluded.step, excluded.iteration, excluded.subject_digest, excluded.result,
        excluded.code, excluded.message, excluded.run_version, excluded.run_position,
        excluded.new_run, excluded.new_number, excluded.at, excluded.version,
        excluded.position)

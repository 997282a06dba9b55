-- Read model: one row per bulk operation, with how far it has come.

-- name: create
CREATE TABLE bulk_operations (
    bulk_id      uuid        PRIMARY KEY,
    namespace    text        NOT NULL,
    command      text        NOT NULL,
    options      jsonb       NOT NULL,
    filter       jsonb       NOT NULL,
    named_runs   integer     NOT NULL,
    reason       text        NOT NULL,
    state        text        NOT NULL,
    total        integer     NOT NULL,
    done         integer     NOT NULL,
    nothing      integer     NOT NULL,
    refused      integer     NOT NULL,
    not_found    integer     NOT NULL,
    digest       text        NOT NULL,
    took_as_is   boolean     NOT NULL,
    started_at   timestamptz NOT NULL,
    started_by   text        NOT NULL,
    stop_asked_at timestamptz,
    stop_asked_by text,
    stop_reason  text,
    ended_at     timestamptz,
    version      bigint      NOT NULL,
    position     bigint      NOT NULL
) WITH (fillfactor = 50)

-- name: index
CREATE INDEX ON bulk_operations (namespace, started_at DESC, bulk_id DESC);

-- name: upsert
INSERT INTO bulk_operations AS current
SELECT * FROM jsonb_populate_recordset(NULL::bulk_operations, %(rows)s::jsonb)
ON CONFLICT (bulk_id) DO UPDATE
   SET (namespace, command, options, filter, named_runs, reason, state, total, done,
        nothing, refused, not_found, digest, took_as_is, started_at, started_by,
        stop_asked_at, stop_asked_by, stop_reason, ended_at, version, position)
     = (excluded.namespace, excluded.command, excluded.options, excluded.filter,
        excluded.named_runs, excluded.reason, excluded.state, excluded.total,
        excluded.done, excluded.nothing, excluded.refused, excluded.not_found,
        excluded.digest, excluded.took_as_is, excluded.started_at,
        excluded.started_by, excluded.stop_asked_at, excluded.stop_asked_by,
        excluded.stop_reason, excluded.ended_at, excluded.version, excluded.position)

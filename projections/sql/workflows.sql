-- Read model: one row per workflow, its newest version.

-- name: create
CREATE TABLE workflows (
    namespace     text        NOT NULL,
    name          text        NOT NULL,
    version       integer     NOT NULL,
    digest        text        NOT NULL,
    definition    jsonb       NOT NULL,
    step_count    integer     NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by text        NOT NULL,
    position      bigint      NOT NULL,
    PRIMARY KEY (namespace, name)
)

-- name: upsert
-- A replay may bring an older version again: the newest stays.
INSERT INTO workflows AS current
SELECT * FROM jsonb_populate_recordset(NULL::workflows, %(rows)s::jsonb)
ON CONFLICT (namespace, name) DO UPDATE
   SET (version, digest, definition, step_count, registered_at, registered_by,
        position)
     = (excluded.version, excluded.digest, excluded.definition, excluded.step_count,
        excluded.registered_at, excluded.registered_by, excluded.position)
 WHERE excluded.version >= current.version

-- Read model: what became of a workflow's runs, by day (UTC). A run is created on one
-- day and may end on another; duration_us is the sum over the runs completed that day.
-- Kept per partition, like workflow_counts.

-- name: create
CREATE TABLE day_counts (
    namespace   text    NOT NULL,
    workflow    text    NOT NULL,
    day         date    NOT NULL,
    partition   integer NOT NULL,
    created     bigint  NOT NULL,
    completed   bigint  NOT NULL,
    failed      bigint  NOT NULL,
    canceled    bigint  NOT NULL,
    duration_us bigint  NOT NULL,
    PRIMARY KEY (namespace, workflow, day, partition)
) WITH (fillfactor = 50)

-- name: upsert
-- The rows are differences, as in workflow_counts.
INSERT INTO day_counts AS current
SELECT * FROM jsonb_populate_recordset(NULL::day_counts, %(rows)s::jsonb)
ON CONFLICT (namespace, workflow, day, partition) DO UPDATE
   SET created     = current.created     + excluded.created,
       completed   = current.completed   + excluded.completed,
       failed      = current.failed      + excluded.failed,
       canceled    = current.canceled    + excluded.canceled,
       duration_us = current.duration_us + excluded.duration_us

-- name: compare
SELECT * FROM day_counts
 WHERE (created, completed, failed, canceled, duration_us) <> (0, 0, 0, 0, 0)

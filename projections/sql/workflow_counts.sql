-- Read model: how many runs of a workflow are in which state. Partitions progress
-- apart, so each has rows of its own; whoever reads adds them up.

-- name: create
CREATE TABLE workflow_counts (
    namespace text    NOT NULL,
    workflow  text    NOT NULL,
    partition integer NOT NULL,
    state     text    NOT NULL,
    runs      bigint  NOT NULL,
    PRIMARY KEY (namespace, workflow, partition, state)
) WITH (fillfactor = 50)

-- name: upsert
-- The rows are differences: each is added to what is there, once, since the position
-- moves in the same transaction.
INSERT INTO workflow_counts AS current
SELECT * FROM jsonb_populate_recordset(NULL::workflow_counts, %(rows)s::jsonb)
ON CONFLICT (namespace, workflow, partition, state) DO UPDATE
   SET runs = current.runs + excluded.runs

-- name: compare
-- A state that runs went through leaves a zero here, and nothing in a rebuild.
SELECT * FROM workflow_counts WHERE runs <> 0

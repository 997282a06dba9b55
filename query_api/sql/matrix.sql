-- The matrix: runs of a workflow as columns, one short row each.

-- name: columns
-- What is short, and lies in the row itself or is packed to little.
SELECT run_id, number, workflow_version, state, created_at, duration_us, retry_of,
       steps, cells, flags,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = m.run_id) AS degraded

-- name: columns_details
-- An array entry per step: of a wide workflow these lie apart, and cost the most.
       , durations, attempts

-- name: matrix
  FROM read.matrix AS m
 WHERE namespace = %(namespace)s AND workflow = %(workflow)s
   AND number < %(before)s

-- name: matrix_numbered
   AND number = ANY(%(number)s)

-- name: matrix_of_version
   AND workflow_version = %(version)s

-- name: matrix_order
 ORDER BY number DESC
 LIMIT %(runs)s

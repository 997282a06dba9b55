-- Bulk operations and their items.

-- name: operations
-- One page, newest first. The filters below stand between this and operations_order.
SELECT b.bulk_id, b.bulk_id AS run_id, b.command, b.options, b.filter, b.named_runs,
       b.reason, b.state, b.total, b.done, b.nothing, b.refused, b.not_found,
       b.took_as_is, b.started_at, b.started_by, b.stop_asked_at, b.stop_asked_by,
       b.stop_reason, b.ended_at, b.version, b.position AS last_position,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = b.bulk_id) AS degraded
  FROM read.bulk_operations AS b
 WHERE b.namespace = %(namespace)s

-- name: operations_in_state
   AND b.state = ANY(%(state)s)

-- name: operations_of_command
   AND b.command = %(command)s

-- name: operations_by_actor
   AND b.started_by = %(actor)s

-- name: operations_beyond
   AND (b.started_at, b.bulk_id) < (%(last_started_at)s, %(last_bulk_id)s)

-- name: operations_order
 ORDER BY b.started_at DESC, b.bulk_id DESC
 LIMIT %(limit)s

-- name: operation
   AND b.bulk_id = %(bulk_id)s

-- name: refusals
-- Why items were refused, the most frequent code first.
SELECT code, count(*) AS items, min(message) AS message
  FROM read.bulk_items
 WHERE bulk_id = %(bulk_id)s AND namespace = %(namespace)s AND result = 'refused'
 GROUP BY code
 ORDER BY count(*) DESC, code

-- name: pace
-- Items are done in the order of their list, so its places say when: of the last
-- result, and of the one that was the last before the newest few hundred. Up to now, so
-- that an operation that stands still slows down.
SELECT newest.at AS progressed_at,
       CASE WHEN b.ended_at IS NULL AND newest.at IS NOT NULL
            THEN least(b.past, %(lately)s) / greatest(0.001, extract(epoch FROM
                 clock_timestamp() - coalesce(earlier.at, b.started_at)))::float8
       END AS per_second
  FROM (SELECT bulk_id, started_at, ended_at,
               done + nothing + refused + not_found AS past
          FROM read.bulk_operations
         WHERE bulk_id = %(bulk_id)s AND namespace = %(namespace)s) AS b
  LEFT JOIN read.bulk_items AS newest
         ON newest.bulk_id = b.bulk_id AND newest.nth = b.past
  LEFT JOIN read.bulk_items AS earlier
         ON earlier.bulk_id = b.bulk_id AND earlier.nth = b.past - %(lately)s

-- name: items
-- One page in the order of the list.
SELECT nth, run_id, workflow, number, step, iteration, subject_digest, result, code,
       message, run_version, run_position, new_run, new_number, at
  FROM read.bulk_items
 WHERE bulk_id = %(bulk_id)s AND namespace = %(namespace)s AND nth > %(last_nth)s

-- name: items_with_result
   AND result = ANY(%(result)s)

-- name: items_order
 ORDER BY nth
 LIMIT %(limit)s

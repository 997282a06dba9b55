-- Commands that the rules did not allow.

-- name: refusals
SELECT id, run_id, command, body, actor, recorded_by, code, message, version_seen,
       position, recorded_at
  FROM ledger.refusals
 WHERE namespace = %(namespace)s

-- name: refusals_of_run
   AND run_id = %(run)s

-- name: refusals_by_actor
   AND actor = %(actor)s

-- name: refusals_with_code
   AND code = %(code)s

-- name: refusals_beyond
   AND (recorded_at, id) < (%(last_recorded_at)s, %(last_id)s)

-- name: refusals_order
 ORDER BY recorded_at DESC, id DESC
 LIMIT %(limit)s

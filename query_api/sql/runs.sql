-- Runs: lists, one run, one run by number.

-- name: runs
-- One page, newest first. The filters below stand between this and runs_order.
SELECT run_id, workflow, workflow_version, number, state, observed, source,
       external_id, created_at, created_by, started_at, ended_at, changed_at,
       duration_us, held, waiting, cancel_requested, cause, step_counts, active_steps,
       retry_of, root_run, retry_from, retries, other_inputs, version, position,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = r.run_id) AS degraded
  FROM read.runs AS r
 WHERE namespace = %(namespace)s

-- name: runs_of_workflow
   AND workflow = %(workflow)s

-- name: runs_in_state
   AND state = ANY(%(state)s)

-- name: runs_by_actor
   AND created_by = %(actor)s

-- name: runs_created_after
   AND created_at > %(created_after)s

-- name: runs_created_before
   AND created_at < %(created_before)s

-- name: runs_retrying
   AND retry_of = %(retry_of)s

-- name: runs_observed
   AND observed = %(observed)s

-- name: runs_with_external_id
   AND external_id = %(external_id)s

-- name: runs_numbered
   AND number = %(number)s

-- name: runs_of_version
   AND workflow_version = %(version)s

-- name: runs_that_retry
   AND (retry_of IS NOT NULL) = %(retry)s

-- name: runs_asking
-- With an open approval of which what follows is true: that it is the caller's to
-- decide, as the inbox has it. Closed by runs_asking_end.
   AND run_id IN (
       SELECT a.run_id
         FROM read.approvals AS a
        WHERE a.namespace = %(namespace)s AND a.state = 'open'

-- name: runs_asking_end
       )

-- name: runs_beyond
-- The keyset: what stands after the last row of the page before.
   AND (created_at, run_id) < (%(last_created_at)s, %(last_run_id)s)

-- name: runs_order
 ORDER BY created_at DESC, run_id DESC
 LIMIT %(limit)s

-- name: run
SELECT run_id, workflow, workflow_version, number, state, observed, source,
       external_id, created_at, created_by, started_at, ended_at, changed_at,
       duration_us, held, waiting, cancel_requested, cause, step_counts, active_steps,
       retry_of, root_run, retry_from, retries, other_inputs, version, position,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = r.run_id) AS degraded
  FROM read.runs AS r
 WHERE run_id = %(run_id)s AND namespace = %(namespace)s

-- name: run_by_number
SELECT run_id
  FROM read.runs
 WHERE namespace = %(namespace)s AND workflow = %(workflow)s AND number = %(number)s

-- name: steps
-- In the definition's order.
SELECT step, ordinal, state, iteration, attempts, approvals, output, error, reason,
       actor, changed_at, queued_at, available_at, started_at, ended_at, duration_us,
       carried_from
  FROM read.steps
 WHERE run_id = %(run_id)s AND namespace = %(namespace)s
 ORDER BY ordinal

-- name: step
SELECT step, ordinal, state, iteration, attempts, approvals, output, error, reason,
       actor, changed_at, queued_at, available_at, started_at, ended_at, duration_us,
       carried_from
  FROM read.steps
 WHERE run_id = %(run_id)s AND namespace = %(namespace)s AND step = %(step)s

-- name: linked
-- The runs that a chain of retries names.
SELECT run_id, workflow, number, state, created_at
  FROM read.runs
 WHERE run_id = ANY(%(run_ids)s) AND namespace = %(namespace)s

-- name: degradation
SELECT since_position, error FROM read.degraded WHERE run_id = %(run_id)s

-- Approvals: the questions that runs put to people.

-- name: approvals
SELECT run_id, step, iteration, workflow, number, state, approvers, required, agreed,
       decisions, requested_at, requested_by, subject_digest, subject, summary,
       closed_at, closed_because, version, position,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = a.run_id) AS degraded
  FROM read.approvals AS a
 WHERE namespace = %(namespace)s

-- name: approvals_in_state
   AND state = ANY(%(state)s)

-- name: approvals_for
-- An empty list of approvers means everybody who holds the role.
   AND (approvers = '{}' OR %(approver)s = ANY(approvers))

-- name: approvals_of_workflow
   AND workflow = %(workflow)s

-- name: approvals_of_run
   AND run_id = %(run)s

-- name: approvals_beyond
   AND (requested_at, run_id, step, iteration)
     < (%(last_requested_at)s, %(last_run_id)s, %(last_step)s, %(last_iteration)s)

-- name: approvals_order
 ORDER BY requested_at DESC, run_id DESC, step DESC, iteration DESC
 LIMIT %(limit)s

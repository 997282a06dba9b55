-- Approvals: the questions that runs put to people.

-- name: approvals
-- Columns that are null are of rows from before there were such policies.
SELECT run_id, step, iteration, workflow, number, state, approvers, required, agreed,
       decisions, requested_at, requested_by, subject_digest, subject, summary,
       closed_at, closed_because, version, position,
       coalesce(groups, '{}') AS groups, coalesce(rejections, 1) AS rejections,
       coalesce(rejected, 0) AS rejected, coalesce(not_own, false) AS not_own,
       coalesce(barred, '[]') AS barred, coalesce(delegations, '[]') AS delegations,
       coalesce(delegates, '{}') AS delegates, form IS NOT NULL AS asks_form,
       expires_at, on_expiry, coalesce(expired, false) AS expired,
       coalesce(reminders, 0) AS reminders, reminded_at, attempt, redo,
       EXISTS (SELECT FROM read.runs AS r
                WHERE r.run_id = a.run_id AND r.observed) AS observed,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = a.run_id) AS degraded
  FROM read.approvals AS a
 WHERE namespace = %(namespace)s

-- name: approvals_in_state
   AND state = ANY(%(state)s)

-- name: approvals_entitling
-- By name, by group or by delegation; where nobody is named everybody who holds the
-- role. What ran elsewhere is decided there.
   AND (approvers = '{}' AND coalesce(groups, '{}') = '{}'
        OR %(person)s = ANY(approvers)
        OR %(person)s = ANY(delegates)
        OR groups && %(groups)s)
   AND NOT EXISTS (SELECT FROM read.runs AS r
                    WHERE r.run_id = a.run_id AND r.observed)

-- name: approvals_still_to_decide
   AND NOT %(person)s = ANY(coalesce(ineligible, '{}'))

-- name: approvals_of_nobody
   AND false

-- name: approvals_of_group
   AND %(group)s = ANY(groups)

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

-- name: groups_of
-- Those that the person's tokens name.
SELECT coalesce(array_agg(DISTINCT name_of_group), '{}') AS groups
  FROM access.tokens AS token, unnest(token.groups) AS name_of_group
 WHERE token.namespace = %(namespace)s
   AND token.name = %(person)s
   AND token.revoked_at IS NULL
   AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp())

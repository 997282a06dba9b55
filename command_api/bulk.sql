-- The list of a bulk operation, from the read tables. Between its beginning and its
-- order stand the filters that were given.

-- name: runs
SELECT r.run_id, r.workflow, r.workflow_version, r.number, r.state, r.observed,
       r.retry_of IS NOT NULL AS is_retry, r.created_at, r.position, n.state AS retry_state,
       NULL AS step, NULL::integer AS iteration, NULL AS subject_digest, NULL AS summary
  FROM read.runs AS r
  LEFT JOIN read.runs AS n ON n.run_id = r.retries[cardinality(r.retries)]
 WHERE r.namespace = %(namespace)s

-- name: approvals
-- The open questions of runs.
SELECT r.run_id, r.workflow, r.workflow_version, r.number, r.state, r.observed,
       false AS is_retry, r.created_at, greatest(r.position, a.position) AS position,
       NULL AS retry_state, a.step, a.iteration, a.subject_digest, a.summary,
       a.approvers, a.groups, a.delegates, a.ineligible, a.form IS NOT NULL AS asks_form,
       (SELECT d ->> 'decision' FROM jsonb_array_elements(a.decisions) AS d
         WHERE d ->> 'actor' = %(caller)s LIMIT 1) AS decided
  FROM read.runs AS r
  JOIN read.approvals AS a
    ON a.run_id = r.run_id AND a.namespace = r.namespace AND a.state = 'open'
 WHERE r.namespace = %(namespace)s

-- name: approvals_of_named
-- The same of runs that were named: also those that ask nothing.
SELECT r.run_id, r.workflow, r.workflow_version, r.number, r.state, r.observed,
       false AS is_retry, r.created_at,
       greatest(r.position, coalesce(a.position, 0)) AS position, NULL AS retry_state,
       a.step, a.iteration, a.subject_digest, a.summary,
       a.approvers, a.groups, a.delegates, a.ineligible, a.form IS NOT NULL AS asks_form,
       (SELECT d ->> 'decision' FROM jsonb_array_elements(a.decisions) AS d
         WHERE d ->> 'actor' = %(caller)s LIMIT 1) AS decided
  FROM read.runs AS r
  LEFT JOIN read.approvals AS a
    ON a.run_id = r.run_id AND a.namespace = r.namespace AND a.state = 'open'
 WHERE r.namespace = %(namespace)s

-- name: workflow
   AND r.workflow = %(workflow)s

-- name: state
   AND r.state = ANY(%(state)s)

-- name: actor
   AND r.created_by = %(actor)s

-- name: created_after
   AND r.created_at > %(created_after)s

-- name: created_before
   AND r.created_at < %(created_before)s

-- name: retry_of
   AND r.retry_of = %(retry_of)s

-- name: observed
   AND r.observed = %(observed)s

-- name: external_id
   AND r.external_id = %(external_id)s

-- name: number
   AND r.number = %(number)s

-- name: run_ids
   AND r.run_id = ANY(%(run_ids)s)

-- name: step
   AND a.step = %(step)s

-- name: order
-- As in lists of runs: the newest first.
 ORDER BY r.created_at DESC, r.run_id DESC, step
 LIMIT %(limit)s

-- name: there
-- Which of these the read tables have at all.
SELECT run_id FROM read.runs
 WHERE run_id = ANY(%(run_ids)s) AND namespace = %(namespace)s

-- name: position
-- Everything up to here is in the read tables, and the log's end. A partition that has
-- all that was published of it stands where the publisher stands.
SELECT coalesce(
         min(CASE WHEN coalesce(p.position, 0) >= published.position
                  THEN c.position
                  ELSE coalesce(p.position, 0) END),
         0)::bigint AS position,
       max(h.position) AS head
  FROM projection.publisher_checkpoint AS c
 CROSS JOIN ledger.log_head AS h
 CROSS JOIN LATERAL unnest(c.partition_positions)
                    WITH ORDINALITY AS published (position, nth)
  LEFT JOIN projection.generations AS g ON g.state = 'current'
  LEFT JOIN projection.positions AS p
         ON p.generation = g.id AND p.partition = published.nth - 1

-- name: steps
-- What retry safety asks of steps: their state, and how their attempts ended. Without
-- outputs, which may be large.
SELECT s.run_id, s.step, s.state, s.carried_from IS NOT NULL AS carried,
       (SELECT jsonb_agg(jsonb_build_object(
                   'number', a ->> 'number', 'outcome', a ->> 'outcome',
                   'late', a -> 'late'))
          FROM jsonb_array_elements(s.attempts) AS a) AS attempts
  FROM read.steps AS s
 WHERE s.run_id = ANY(%(run_ids)s) AND s.namespace = %(namespace)s

-- name: openings
-- The first events of retries: what was known of their steps' earlier attempts.
SELECT originator_id, state
  FROM ledger.runledger_events
 WHERE originator_id = ANY(%(run_ids)s) AND originator_version = 1


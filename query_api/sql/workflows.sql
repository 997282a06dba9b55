-- Workflows, their versions and what is counted over their runs.

-- name: workflows
-- A page by name, with the runs counted per state: the counts are kept per partition.
SELECT w.name, w.version, w.digest, w.step_count, w.registered_at, w.registered_by,
       w.position, coalesce(c.runs, '{}'::jsonb) AS runs
  FROM read.workflows AS w
  LEFT JOIN LATERAL (
         SELECT jsonb_object_agg(state, runs) AS runs
           FROM (SELECT state, sum(runs)::bigint AS runs
                   FROM read.workflow_counts
                  WHERE namespace = w.namespace AND workflow = w.name
                  GROUP BY state
                 HAVING sum(runs) <> 0) AS per_state
       ) AS c ON true
 WHERE w.namespace = %(namespace)s AND w.name > %(last_name)s
 ORDER BY w.name
 LIMIT %(limit)s

-- name: counts
SELECT state, sum(runs)::bigint AS runs
  FROM read.workflow_counts
 WHERE namespace = %(namespace)s AND workflow = %(workflow)s
 GROUP BY state
HAVING sum(runs) <> 0

-- name: days
SELECT day, sum(created)::bigint AS created, sum(completed)::bigint AS completed,
       sum(failed)::bigint AS failed, sum(canceled)::bigint AS canceled,
       sum(duration_us)::bigint AS duration_us
  FROM read.day_counts
 WHERE namespace = %(namespace)s AND workflow = %(workflow)s
   AND day >= %(since)s AND day <= %(until)s
 GROUP BY day
 ORDER BY day

-- name: versions
-- From the log, where version n of a workflow is event n of its stream, for good.
SELECT originator_version AS version, state, actor, occurred_at, notification_id AS position
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s AND originator_version = ANY(%(versions)s)

-- name: newest_version
SELECT max(originator_version) AS version
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s

-- name: registered
SELECT actor, recorded_at
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s AND originator_version = %(version)s

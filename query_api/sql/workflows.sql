-- Workflows, their versions and what is counted over their runs.

-- name: page
-- A page of workflows by name, which the two statements below say more of. The filter
-- stands between this and page_order.
WITH page AS (
    SELECT name, version, digest, step_count, registered_at, registered_by, position
      FROM read.workflows
     WHERE namespace = %(namespace)s AND name > %(last_name)s

-- name: page_named
       AND strpos(lower(name), lower(%(q)s)) > 0

-- name: page_order
     ORDER BY name
     LIMIT %(limit)s
)

-- name: workflows
-- With the runs counted per state: the counts are kept per partition.
SELECT page.*, coalesce(c.runs, '{}'::jsonb) AS runs
  FROM page
  LEFT JOIN LATERAL (
         SELECT jsonb_object_agg(state, runs) AS runs
           FROM (SELECT state, sum(runs)::bigint AS runs
                   FROM read.workflow_counts
                  WHERE namespace = %(namespace)s AND workflow = page.name
                  GROUP BY state
                 HAVING sum(runs) <> 0) AS per_state
       ) AS c ON true
 ORDER BY page.name

-- name: recent
-- The last runs of each of them, newest first: from an index, whatever there is.
SELECT page.name, r.run_id, r.number, r.state, r.duration_us, r.created_at
  FROM page
 CROSS JOIN LATERAL (
         SELECT run_id, number, state, duration_us, created_at
           FROM read.runs
          WHERE namespace = %(namespace)s AND workflow = page.name
          ORDER BY number DESC
          LIMIT %(recent)s
       ) AS r

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

-- name: versions_before
-- A page of them, the newest first.
SELECT originator_version AS version, state, actor, recorded_at
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s AND originator_version < %(before)s
 ORDER BY originator_version DESC
 LIMIT %(limit)s

-- name: newest_version
SELECT max(originator_version) AS version
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s

-- name: registered
SELECT actor, recorded_at
  FROM ledger.runledger_events
 WHERE originator_id = %(stream)s AND originator_version = %(version)s

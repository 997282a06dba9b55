-- Jobs as the read tables have them; beside those that are open what only the tables
-- of work know: heartbeats, progress, and who could take them. Workers and queues.

-- name: jobs
-- One page, the newest first. The filters below stand between this and jobs_order.
SELECT j.run_id, j.workflow, j.number, j.step, j.iteration, j.attempt, j.queue, j.state,
       j.worker, j.principal, j.lease_s, j.queued_at, j.available_at, j.leased_at,
       j.ended_at, j.reason, j.outcome, j.error, j.version, j.position, l.beat_at,
       l.leased_until, l.progress, l.canceling,
       EXISTS (SELECT FROM read.degraded AS d WHERE d.run_id = j.run_id) AS degraded
  FROM read.jobs AS j
  LEFT JOIN ledger.jobs AS l
         ON l.run_id = j.run_id AND l.step = j.step AND l.iteration = j.iteration
        AND l.attempt = j.attempt AND l.state = j.state
 WHERE j.namespace = %(namespace)s

-- name: jobs_in_one_state
-- Its index has them in the order of the page.
   AND j.state = %(one_state)s

-- name: jobs_in_states
   AND j.state = ANY(%(state)s)

-- name: jobs_not_succeeded
-- Says to the planner that the small index has them.
   AND j.state <> 'succeeded'

-- name: jobs_of_queue
   AND j.queue = %(queue)s

-- name: jobs_of_worker
   AND j.worker = %(worker)s

-- name: jobs_of_workflow
   AND j.workflow = %(workflow)s

-- name: jobs_of_run
   AND j.run_id = %(run)s

-- name: jobs_beyond
-- The keyset: what stands after the last row of the page before.
   AND (j.queued_at, j.run_id, j.step, j.iteration, j.attempt)
     < (%(last_queued_at)s, %(last_run_id)s, %(last_step)s, %(last_iteration)s,
        %(last_attempt)s)

-- name: jobs_order
 ORDER BY j.queued_at DESC, j.run_id DESC, j.step DESC, j.iteration DESC,
          j.attempt DESC
 LIMIT %(limit)s

-- name: run_jobs
-- All of a run (or of one of its steps), oldest first.
SELECT step, iteration, attempt, queue, state, worker, principal, lease_s, queued_at,
       available_at, leased_at, ended_at, reason
  FROM read.jobs
 WHERE run_id = %(run_id)s AND namespace = %(namespace)s
   AND (%(step)s::text IS NULL OR step = %(step)s)
 ORDER BY step, queued_at, iteration, attempt

-- name: live_jobs
-- The open jobs of a run as the tables of work have them, which are ahead of the read
-- tables. serving: how many workers that were heard of lately would take it.
WITH mine AS MATERIALIZED (
    SELECT step, iteration, attempt, state, workflow, queue, requires, beat_at,
           leased_until, progress, canceling
      FROM ledger.jobs
     WHERE run_id = %(run_id)s AND namespace = %(namespace)s
       AND (%(step)s::text IS NULL OR step = %(step)s)
), kinds AS (
    SELECT DISTINCT workflow, queue, requires FROM mine WHERE state = 'queued'
), served AS MATERIALIZED (
    SELECT k.workflow, k.queue, k.requires,
           (SELECT count(*)
              FROM ledger.workers AS w
             WHERE w.namespace = %(namespace)s
               AND w.queue = k.queue
               AND k.workflow = ANY (w.workflows)
               AND w.capabilities @> k.requires
               AND w.seen > clock_timestamp() - %(offline_s)s * interval '1 second')
           AS workers
      FROM kinds AS k
)
SELECT m.step, m.iteration, m.attempt, m.state, m.beat_at, m.leased_until, m.progress,
       m.canceling, s.workers AS serving
  FROM mine AS m
  LEFT JOIN served AS s
         ON m.state = 'queued' AND s.workflow = m.workflow AND s.queue = m.queue
        AND s.requires = m.requires

-- name: workers
-- Workers that have asked for jobs, with the jobs that they have. The filters below
-- stand between this and workers_order.
WITH held AS MATERIALIZED (
    SELECT j.worker,
           jsonb_agg(jsonb_build_object(
               'run_id', j.run_id, 'workflow', j.workflow, 'number', r.number,
               'step', j.step, 'iteration', j.iteration, 'attempt', j.attempt,
               'leased_at', j.leased_at, 'heartbeat_at', j.beat_at,
               'lease_until', j.leased_until, 'progress', j.progress,
               'canceling', j.canceling)
               ORDER BY j.leased_at, j.run_id, j.step) AS jobs
      FROM ledger.jobs AS j
      LEFT JOIN read.runs AS r ON r.run_id = j.run_id
     WHERE j.namespace = %(namespace)s AND j.state = 'leased'
     GROUP BY j.worker
)
SELECT w.worker, w.principal, w.queue, w.workflows, w.capabilities, w.slots,
       w.first_seen, w.seen, coalesce(h.jobs, '[]') AS jobs,
       CASE WHEN w.seen > clock_timestamp() - %(offline_s)s * interval '1 second'
            THEN 'live' ELSE 'offline' END AS state
  FROM ledger.workers AS w
  LEFT JOIN held AS h ON h.worker = w.worker
 WHERE w.namespace = %(namespace)s AND w.worker > %(last_worker)s

-- name: workers_live
   AND w.seen > clock_timestamp() - %(offline_s)s * interval '1 second'

-- name: workers_offline
   AND w.seen <= clock_timestamp() - %(offline_s)s * interval '1 second'

-- name: workers_of_queue
   AND w.queue = %(queue)s

-- name: workers_order
 ORDER BY w.worker
 LIMIT %(limit)s

-- name: queues
-- Each queue that has jobs, or workers that were heard of lately.
WITH counted AS (
    SELECT queue,
           count(*) FILTER (WHERE state = 'queued'
                              AND available_at <= clock_timestamp()) AS queued,
           count(*) FILTER (WHERE state = 'queued'
                              AND available_at > clock_timestamp()) AS later,
           count(*) FILTER (WHERE state = 'leased') AS leased,
           min(available_at) FILTER (WHERE state = 'queued'
                                       AND available_at <= clock_timestamp())
               AS oldest
      FROM ledger.jobs
     WHERE namespace = %(namespace)s AND queue <> ''
     GROUP BY queue
), live AS (
    SELECT queue, count(*) AS workers, sum(slots) AS slots
      FROM ledger.workers
     WHERE namespace = %(namespace)s
       AND seen > clock_timestamp() - %(offline_s)s * interval '1 second'
     GROUP BY queue
)
SELECT coalesce(c.queue, l.queue) AS queue, coalesce(c.queued, 0) AS queued,
       coalesce(c.later, 0) AS later, coalesce(c.leased, 0) AS leased, c.oldest,
       coalesce(l.workers, 0) AS workers, l.slots
  FROM counted AS c
  FULL JOIN live AS l ON l.queue = c.queue
 ORDER BY 1

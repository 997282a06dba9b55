-- What is asked of the tables of jobs and timers outside of appends: each a single
-- statement that is a transaction of its own.

-- name: claim
SELECT run_id, step, iteration, attempt, claimed_until
  FROM ledger.claim_jobs(%(namespace)s::text, %(queue)s::text, %(workflows)s::text[],
                         %(capabilities)s::text[], %(wanted)s::bigint,
                         %(hold)s::interval)

-- name: next_available
SELECT ledger.next_job(%(namespace)s::text, %(queue)s::text, %(workflows)s::text[],
                       %(capabilities)s::text[])

-- name: give_back
SELECT ledger.give_back_jobs(%s::uuid[], %s::text[], %s::timestamptz[])

-- name: leased
-- What a worker has, beside the leases that it knows of.
SELECT run_id, step, lease
  FROM ledger.jobs
 WHERE state = 'leased'
   AND namespace = %s
   AND principal = %s
   AND worker = %s
   AND lease <> ALL (%s::uuid[])
 ORDER BY leased_at
 LIMIT %s

-- name: beat
SELECT state
  FROM ledger.beat_jobs(%s::text, %s::text, %s::uuid[], %s::text[], %s::uuid[],
                        %s::text[])
 ORDER BY nth

-- name: see_worker
SELECT ledger.see_worker(%(namespace)s::text, %(worker)s::text, %(principal)s::text,
                         %(queue)s::text, %(workflows)s::text[],
                         %(capabilities)s::text[], %(slots)s::bigint)

-- name: see_again
SELECT ledger.see_again(%s::text, %s::text)

-- name: forget_workers
SELECT ledger.forget_workers(now() - make_interval(days => %s))

-- name: claim_timers
SELECT run_id, kind, step, namespace, iteration, nth, claimed_until
  FROM ledger.claim_timers(%s::bigint, %s::interval)

-- name: claim_leases
SELECT run_id, step, namespace, lease, claimed_until
  FROM ledger.claim_leases(%s::bigint, %s::interval, %s::timestamptz)

-- name: drop_timers
SELECT ledger.drop_timers(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])

-- name: drop_jobs
SELECT ledger.drop_jobs(%s::uuid[], %s::text[], %s::timestamptz[])

-- name: next_due
-- In how many seconds the next timer is due that nobody is firing.
SELECT extract(epoch FROM min(greatest(t.due, t.claimed_until))
                          - statement_timestamp())::float8
  FROM (SELECT due, claimed_until FROM ledger.timers ORDER BY due LIMIT 100) AS t

-- name: next_run_out
-- The same of leases: not before their own time has passed since a moment.
SELECT extract(epoch FROM min(greatest(j.leased_until, j.claimed_until,
                                       %s + j.lease_us * interval '1 microsecond'))
                          - statement_timestamp())::float8
  FROM (SELECT leased_until, claimed_until, lease_us
          FROM ledger.jobs
         WHERE state = 'leased'
         ORDER BY leased_until
         LIMIT 100) AS j

-- name: clock
SELECT clock_timestamp()

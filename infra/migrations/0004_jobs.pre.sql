-- Jobs that workers lease, timers, and the workers themselves. Jobs and timers follow
-- from the events: their rows change in the append that records these, after the head
-- lock, and nowhere else. What else writes to them (claims, heartbeats) marks rows in
-- one short statement that skips what is locked and waits for nothing, so that an
-- append never waits long for it, and never in a circle. docs/jobs.md tells the rest.

CREATE TABLE ledger.jobs (
    run_id        uuid        NOT NULL,
    step          text        NOT NULL,
    namespace     text        NOT NULL,
    workflow      text        NOT NULL,
    queue         text        NOT NULL,
    requires      text[]      NOT NULL,  -- what a worker must be capable of
    iteration     integer     NOT NULL,
    attempt       integer     NOT NULL,
    state         text        NOT NULL CHECK (state IN ('queued', 'leased')),
    available_at  timestamptz NOT NULL,  -- not to be leased earlier
    claimed_until timestamptz,           -- somebody is about to lease it, or to lose it
    lease         uuid,
    worker        text,
    principal     text,
    leased_at     timestamptz,
    leased_until  timestamptz,           -- lost when this has passed
    lease_us      bigint,                -- what a heartbeat adds to its own moment
    canceling     boolean     NOT NULL DEFAULT false,
    progress      jsonb,
    beat_at       timestamptz,           -- the last heartbeat
    PRIMARY KEY (run_id, step),
    CHECK (state = 'queued'
           OR (lease, worker, principal, leased_at, leased_until, lease_us) IS NOT NULL)
)
-- Rows come and go by the thousand a second. A claim finds room on the row's own page
-- and touches no index; vacuum is due by the number of dead rows, not by their share.
WITH (fillfactor = 60, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
      autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 0);

-- One range for each workflow and set of requirements, the longest available first:
-- what others are to do is never passed by on the way to what one may do.
CREATE INDEX jobs_queued
    ON ledger.jobs (namespace, queue, workflow, requires, available_at)
 WHERE state = 'queued';

CREATE INDEX jobs_leased ON ledger.jobs (leased_until) WHERE state = 'leased';

CREATE TABLE ledger.timers (
    run_id        uuid        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN (
        'step_timeout', 'run_timeout', 'approval_expiry', 'approval_reminder')),
    step          text        NOT NULL,  -- empty for a run's
    namespace     text        NOT NULL,
    iteration     integer     NOT NULL,
    nth           integer     NOT NULL,
    due           timestamptz NOT NULL,
    claimed_until timestamptz,           -- somebody is about to fire it
    PRIMARY KEY (run_id, kind, step)
)
WITH (fillfactor = 80, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
      autovacuum_analyze_threshold = 10000, autovacuum_analyze_scale_factor = 0);

CREATE INDEX timers_due ON ledger.timers (due);

-- Who has asked for jobs, as they last told. Nothing depends on it.
CREATE TABLE ledger.workers (
    namespace    text        NOT NULL,
    worker       text        NOT NULL,
    principal    text        NOT NULL,
    queue        text        NOT NULL,
    workflows    text[]      NOT NULL,
    capabilities text[]      NOT NULL,
    slots        integer,
    first_seen   timestamptz NOT NULL,
    seen         timestamptz NOT NULL,
    PRIMARY KEY (namespace, worker)
)
WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000,
      autovacuum_vacuum_scale_factor = 0);


-- What an append takes of them. The order of the fields is part of the writer's code.
CREATE TYPE ledger.new_job AS (
    run_id    uuid,
    step      text,
    namespace text,
    workflow  text,
    queue     text,
    requires  text[],
    iteration bigint,
    attempt   bigint,
    wait_us   bigint
);

CREATE TYPE ledger.new_lease AS (
    run_id    uuid,
    step      text,
    namespace text,
    workflow  text,
    queue     text,
    iteration bigint,
    attempt   bigint,
    lease     uuid,
    worker    text,
    principal text,
    lease_us  bigint,
    canceling boolean
);

CREATE TYPE ledger.new_timer AS (
    run_id    uuid,
    kind      text,
    step      text,
    namespace text,
    iteration bigint,
    nth       bigint,
    wait_us   bigint
);

CREATE TYPE ledger.old_job AS (
    run_id uuid,
    step   text
);

CREATE TYPE ledger.old_timer AS (
    run_id uuid,
    kind   text,
    step   text
);

-- ledger.append, and what is to be done because of it. Appends that bring no work go on
-- calling the one of 0001: settings of a function cost each call of it.
CREATE FUNCTION ledger.append(
    events       ledger.new_event[],
    predecessors ledger.predecessor[],
    keys         ledger.new_key[],
    refusals     ledger.new_refusal[],
    contents     ledger.new_content[],
    jobs         ledger.new_job[],
    leases       ledger.new_lease[],
    timers       ledger.new_timer[],
    ended_jobs   ledger.old_job[],
    ended_timers ledger.old_timer[],
    OUT base bigint,
    OUT at   timestamptz
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Rows that change are found by their keys, whatever the planner knew of these tables
-- when a session that lives for months made its plans: a queue is empty one moment and
-- has 100,000 rows the next.
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
-- A plan per function, not per call: making one takes longer than carrying it out.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    clock timestamptz;
BEGIN
    SELECT a.base, a.at
      INTO base, at
      FROM ledger.append(events, predecessors, keys, refusals, contents) AS a;
    -- recorded_at never goes back. What is due is due by the clock as it is, though:
    -- set back by an hour, it must not stop the queue for an hour.
    clock := clock_timestamp();

    -- What is to be done from outside. An agenda of a run never puts and ends the same.
    IF cardinality(ended_jobs) > 0 THEN
        DELETE FROM ledger.jobs AS j
         USING unnest(ended_jobs) AS e
         WHERE j.run_id = e.run_id AND j.step = e.step;
    END IF;

    IF cardinality(jobs) > 0 THEN
        INSERT INTO ledger.jobs AS old
               (run_id, step, namespace, workflow, queue, requires, iteration, attempt,
                state, available_at)
        SELECT j.run_id, j.step, j.namespace, j.workflow, j.queue, j.requires,
               j.iteration, j.attempt, 'queued',
               clock + j.wait_us * interval '1 microsecond'
          FROM unnest(jobs) AS j
            ON CONFLICT (run_id, step) DO UPDATE
           SET namespace = excluded.namespace, workflow = excluded.workflow,
               queue = excluded.queue, requires = excluded.requires,
               iteration = excluded.iteration, attempt = excluded.attempt,
               state = 'queued', available_at = excluded.available_at,
               claimed_until = NULL, lease = NULL, worker = NULL, principal = NULL,
               leased_at = NULL, leased_until = NULL, lease_us = NULL,
               canceling = false, progress = NULL, beat_at = NULL;
    END IF;

    IF cardinality(leases) > 0 THEN
        -- The row is there as it was queued, or the job was leased as soon as it was
        -- there. Put again, a lease runs on as it ran.
        INSERT INTO ledger.jobs AS old
               (run_id, step, namespace, workflow, queue, requires, iteration, attempt,
                state, available_at, lease, worker, principal, leased_at, leased_until,
                lease_us, canceling)
        SELECT l.run_id, l.step, l.namespace, l.workflow, l.queue, '{}', l.iteration,
               l.attempt, 'leased', clock, l.lease, l.worker, l.principal, clock,
               clock + l.lease_us * interval '1 microsecond', l.lease_us, l.canceling
          FROM unnest(leases) AS l
            ON CONFLICT (run_id, step) DO UPDATE
           SET iteration = excluded.iteration, attempt = excluded.attempt,
               state = 'leased',
               claimed_until = CASE WHEN old.lease = excluded.lease
                                    THEN old.claimed_until END,
               lease = excluded.lease, worker = excluded.worker,
               principal = excluded.principal,
               leased_at = CASE WHEN old.lease = excluded.lease
                                THEN old.leased_at ELSE excluded.leased_at END,
               leased_until = CASE WHEN old.lease = excluded.lease
                                   THEN old.leased_until ELSE excluded.leased_until END,
               lease_us = excluded.lease_us,
               canceling = excluded.canceling,
               progress = CASE WHEN old.lease = excluded.lease THEN old.progress END,
               beat_at = CASE WHEN old.lease = excluded.lease THEN old.beat_at END;
    END IF;

    IF cardinality(ended_timers) > 0 THEN
        DELETE FROM ledger.timers AS t
         USING unnest(ended_timers) AS e
         WHERE t.run_id = e.run_id AND t.kind = e.kind AND t.step = e.step;
    END IF;

    IF cardinality(timers) > 0 THEN
        INSERT INTO ledger.timers
               (run_id, kind, step, namespace, iteration, nth, due)
        SELECT t.run_id, t.kind, t.step, t.namespace, t.iteration, t.nth,
               clock + t.wait_us * interval '1 microsecond'
          FROM unnest(timers) AS t
            ON CONFLICT (run_id, kind, step) DO UPDATE
           SET namespace = excluded.namespace, iteration = excluded.iteration,
               nth = excluded.nth, due = excluded.due, claimed_until = NULL;
    END IF;
END $$;


-- Claim queued jobs for whoever is about to lease them: at most ``wanted``, longest
-- available first, of these workflows and within these capabilities. A claim that
-- comes to nothing is over after ``hold``. Nothing here waits: another one's claim of
-- the same moment is passed over, and twice as many candidates make up for it.
CREATE FUNCTION ledger.claim_jobs(
    namespace text, queue text, workflows text[], capabilities text[],
    wanted bigint, hold interval
)
RETURNS TABLE (run_id uuid, step text, iteration integer, attempt integer,
               claimed_until timestamptz)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- By the index's ranges in their order, also where the table was empty when the plan
-- was made.
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH RECURSIVE kind AS (
        -- From one set of requirements to the next: as many probes as there are sets.
        SELECT DISTINCT w.workflow, '{}'::text[] AS requires
          FROM unnest(workflows) AS w(workflow)
         UNION ALL
        SELECT k.workflow, following.requires
          FROM kind AS k
         CROSS JOIN LATERAL (
                   SELECT j.requires
                     FROM ledger.jobs AS j
                    WHERE j.namespace = claim_jobs.namespace
                      AND j.queue = claim_jobs.queue
                      AND j.workflow = k.workflow
                      AND j.state = 'queued'
                      AND j.requires > k.requires
                    ORDER BY j.namespace, j.queue, j.workflow, j.requires
                    LIMIT 1) AS following
    ), candidate AS MATERIALIZED (
        SELECT c.run_id, c.step, c.available_at
          FROM kind AS k
         CROSS JOIN LATERAL (
                   SELECT j.run_id, j.step, j.available_at
                     FROM ledger.jobs AS j
                    WHERE j.namespace = claim_jobs.namespace
                      AND j.queue = claim_jobs.queue
                      AND j.workflow = k.workflow
                      AND j.requires = k.requires
                      AND j.state = 'queued'
                      AND j.available_at <= statement_timestamp()
                      AND (j.claimed_until IS NULL
                           OR j.claimed_until <= statement_timestamp())
                    ORDER BY j.namespace, j.queue, j.workflow, j.requires,
                             j.available_at
                    LIMIT 2 * wanted) AS c
         WHERE k.requires <@ capabilities
         ORDER BY c.available_at
         LIMIT 2 * wanted
    ), locked AS MATERIALIZED (
        SELECT j.run_id, j.step
          FROM candidate AS c
          JOIN ledger.jobs AS j ON j.run_id = c.run_id AND j.step = c.step
         WHERE j.state = 'queued'
           AND j.available_at <= statement_timestamp()
           AND (j.claimed_until IS NULL
                OR j.claimed_until <= statement_timestamp())
         ORDER BY c.available_at
         LIMIT wanted
           FOR UPDATE OF j SKIP LOCKED
    )
    UPDATE ledger.jobs AS j
       SET claimed_until = statement_timestamp() + hold
      FROM locked AS l
     WHERE j.run_id = l.run_id AND j.step = l.step
    RETURNING j.run_id, j.step, j.iteration, j.attempt, j.claimed_until;
END $$;

-- In how many seconds there may be something to claim that was not there just now: a
-- job whose time comes, or whose claim comes to nothing. Of those claimed the first
-- ones are looked at; the others follow when these are gone. Null: nothing in sight.
CREATE FUNCTION ledger.next_job(
    namespace text, queue text, workflows text[], capabilities text[]
)
RETURNS double precision
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN (
    WITH RECURSIVE kind AS (
        SELECT DISTINCT w.workflow, '{}'::text[] AS requires
          FROM unnest(workflows) AS w(workflow)
         UNION ALL
        SELECT k.workflow, following.requires
          FROM kind AS k
         CROSS JOIN LATERAL (
                   SELECT j.requires
                     FROM ledger.jobs AS j
                    WHERE j.namespace = next_job.namespace
                      AND j.queue = next_job.queue
                      AND j.workflow = k.workflow
                      AND j.state = 'queued'
                      AND j.requires > k.requires
                    ORDER BY j.namespace, j.queue, j.workflow, j.requires
                    LIMIT 1) AS following
    )
    SELECT extract(epoch FROM min(n.moment) - statement_timestamp())
      FROM kind AS k
     CROSS JOIN LATERAL (
               (SELECT j.available_at AS moment
                  FROM ledger.jobs AS j
                 WHERE j.namespace = next_job.namespace
                   AND j.queue = next_job.queue
                   AND j.workflow = k.workflow
                   AND j.requires = k.requires
                   AND j.state = 'queued'
                   AND j.available_at > statement_timestamp()
                 ORDER BY j.available_at
                 LIMIT 1)
                UNION ALL
               (SELECT coalesce(c.claimed_until, c.available_at)
                  FROM (SELECT j.claimed_until, j.available_at
                          FROM ledger.jobs AS j
                         WHERE j.namespace = next_job.namespace
                           AND j.queue = next_job.queue
                           AND j.workflow = k.workflow
                           AND j.requires = k.requires
                           AND j.state = 'queued'
                           AND j.available_at <= statement_timestamp()
                         ORDER BY j.available_at
                         LIMIT 100) AS c)) AS n
     WHERE k.requires <@ capabilities);
END $$;

-- Claims that nobody makes use of: the jobs may be claimed again at once.
CREATE FUNCTION ledger.give_back_jobs(
    run_ids uuid[], steps text[], claims timestamptz[]
)
RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
    WITH locked AS MATERIALIZED (
        SELECT j.run_id, j.step
          FROM unnest(run_ids, steps, claims) AS g(run_id, step, claim)
          JOIN ledger.jobs AS j ON j.run_id = g.run_id AND j.step = g.step
         WHERE j.state = 'queued' AND j.claimed_until = g.claim
           FOR UPDATE OF j SKIP LOCKED
    ), given AS (
        UPDATE ledger.jobs AS j
           SET claimed_until = NULL
          FROM locked AS l
         WHERE j.run_id = l.run_id AND j.step = l.step
        RETURNING 1
    )
    SELECT count(*) FROM given
$$;

-- Heartbeats for many leases. ``gone``: the lease is not, or no longer, the caller's,
-- or it has run out and is being lost; ``stop``: its worker is asked to. A row that
-- somebody holds at this moment is extended by the next heartbeat.
CREATE FUNCTION ledger.beat_jobs(
    namespace text, principal text,
    run_ids uuid[], steps text[], leases uuid[], progress text[]
)
RETURNS TABLE (nth bigint, state text)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT b.nth, b.run_id, b.step, b.lease, b.progress::jsonb AS progress
          FROM unnest(run_ids, steps, leases, progress) WITH ORDINALITY
               AS b(run_id, step, lease, progress, nth)
    ), held AS MATERIALIZED (
        SELECT t.nth, j.canceling
          FROM told AS t
          JOIN ledger.jobs AS j ON j.run_id = t.run_id AND j.step = t.step
         WHERE j.lease = t.lease
           AND j.namespace = beat_jobs.namespace
           AND j.principal = beat_jobs.principal
           AND j.state = 'leased'
           AND (j.claimed_until IS NULL OR j.claimed_until <= statement_timestamp())
    ), locked AS MATERIALIZED (
        SELECT t.nth, j.run_id, j.step, t.progress
          FROM held AS h
          JOIN told AS t ON t.nth = h.nth
          JOIN ledger.jobs AS j ON j.run_id = t.run_id AND j.step = t.step
         WHERE j.lease = t.lease
           AND j.state = 'leased'
           AND (j.claimed_until IS NULL OR j.claimed_until <= statement_timestamp())
           FOR UPDATE OF j SKIP LOCKED
    ), beaten AS (
        UPDATE ledger.jobs AS j
           SET leased_until = statement_timestamp()
                              + j.lease_us * interval '1 microsecond',
               beat_at = statement_timestamp(),
               progress = coalesce(l.progress, j.progress)
          FROM locked AS l
         WHERE j.run_id = l.run_id AND j.step = l.step
        RETURNING 1
    )
    SELECT t.nth, CASE WHEN h.nth IS NULL THEN 'gone'
                       WHEN h.canceling THEN 'stop'
                       ELSE 'ok' END
      FROM told AS t
      LEFT JOIN held AS h ON h.nth = t.nth
     ORDER BY t.nth;
END $$;

-- What a worker last told of itself.
CREATE FUNCTION ledger.see_worker(
    namespace text, worker text, principal text, queue text, workflows text[],
    capabilities text[], slots bigint
)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO ledger.workers AS w
           (namespace, worker, principal, queue, workflows, capabilities, slots,
            first_seen, seen)
    VALUES (see_worker.namespace, see_worker.worker, see_worker.principal,
            see_worker.queue, see_worker.workflows, see_worker.capabilities,
            see_worker.slots, statement_timestamp(), statement_timestamp())
        ON CONFLICT (namespace, worker) DO UPDATE
       SET principal = excluded.principal, queue = excluded.queue,
           workflows = excluded.workflows, capabilities = excluded.capabilities,
           slots = coalesce(excluded.slots, w.slots), seen = excluded.seen
$$;

-- The same from a heartbeat, which tells less.
CREATE FUNCTION ledger.see_again(namespace text, worker text) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE ledger.workers AS w
       SET seen = statement_timestamp()
     WHERE w.namespace = see_again.namespace AND w.worker = see_again.worker
$$;

-- Drop workers that were not seen for long; never younger ones than an hour.
CREATE FUNCTION ledger.forget_workers(before timestamptz) RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH dropped AS (
        DELETE FROM ledger.workers AS w
         WHERE w.seen < least(before, now() - interval '1 hour')
        RETURNING 1
    )
    SELECT count(*) FROM dropped
$$;

-- Timers that are due, for whoever is about to fire them.
CREATE FUNCTION ledger.claim_timers(wanted bigint, hold interval)
RETURNS TABLE (run_id uuid, kind text, step text, namespace text, iteration integer,
               nth integer, claimed_until timestamptz)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH locked AS MATERIALIZED (
        SELECT t.run_id, t.kind, t.step
          FROM ledger.timers AS t
         WHERE t.due <= statement_timestamp()
           AND (t.claimed_until IS NULL OR t.claimed_until <= statement_timestamp())
         ORDER BY t.due
         LIMIT wanted
           FOR UPDATE SKIP LOCKED
    )
    UPDATE ledger.timers AS t
       SET claimed_until = statement_timestamp() + hold
      FROM locked AS l
     WHERE t.run_id = l.run_id AND t.kind = l.kind AND t.step = l.step
    RETURNING t.run_id, t.kind, t.step, t.namespace, t.iteration, t.nth,
              t.claimed_until;
END $$;

-- Leases that have run out, for whoever is about to record it. Only where a lease's
-- own time has passed since ``since``: after an outage heartbeats come first.
CREATE FUNCTION ledger.claim_leases(
    wanted bigint, hold interval, since timestamptz
)
RETURNS TABLE (run_id uuid, step text, namespace text, lease uuid,
               claimed_until timestamptz)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH locked AS MATERIALIZED (
        SELECT j.run_id, j.step
          FROM ledger.jobs AS j
         WHERE j.state = 'leased'
           AND j.leased_until <= statement_timestamp()
           AND since + j.lease_us * interval '1 microsecond' <= statement_timestamp()
           AND (j.claimed_until IS NULL OR j.claimed_until <= statement_timestamp())
         ORDER BY j.leased_until
         LIMIT wanted
           FOR UPDATE SKIP LOCKED
    )
    UPDATE ledger.jobs AS j
       SET claimed_until = statement_timestamp() + hold
      FROM locked AS l
     WHERE j.run_id = l.run_id AND j.step = l.step
    RETURNING j.run_id, j.step, j.namespace, j.lease, j.claimed_until;
END $$;

-- Claimed ones that the rules knew nothing of: rows that a restored backup, say, has
-- left behind. Only as they were claimed: an append may have put them anew.
CREATE FUNCTION ledger.drop_timers(
    run_ids uuid[], kinds text[], steps text[], claims timestamptz[]
)
RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
    WITH locked AS MATERIALIZED (
        SELECT t.run_id, t.kind, t.step
          FROM unnest(run_ids, kinds, steps, claims) AS g(run_id, kind, step, claim)
          JOIN ledger.timers AS t
            ON t.run_id = g.run_id AND t.kind = g.kind AND t.step = g.step
         WHERE t.claimed_until = g.claim
           FOR UPDATE OF t SKIP LOCKED
    ), dropped AS (
        DELETE FROM ledger.timers AS t
         USING locked AS l
         WHERE t.run_id = l.run_id AND t.kind = l.kind AND t.step = l.step
        RETURNING 1
    )
    SELECT count(*) FROM dropped
$$;

CREATE FUNCTION ledger.drop_jobs(
    run_ids uuid[], steps text[], claims timestamptz[]
)
RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
    WITH locked AS MATERIALIZED (
        SELECT j.run_id, j.step
          FROM unnest(run_ids, steps, claims) AS g(run_id, step, claim)
          JOIN ledger.jobs AS j ON j.run_id = g.run_id AND j.step = g.step
         WHERE j.claimed_until = g.claim
           FOR UPDATE OF j SKIP LOCKED
    ), dropped AS (
        DELETE FROM ledger.jobs AS j
         USING locked AS l
         WHERE j.run_id = l.run_id AND j.step = l.step
        RETURNING 1
    )
    SELECT count(*) FROM dropped
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
      ledger.append(ledger.new_event[], ledger.predecessor[], ledger.new_key[],
                    ledger.new_refusal[], ledger.new_content[], ledger.new_job[],
                    ledger.new_lease[], ledger.new_timer[], ledger.old_job[],
                    ledger.old_timer[]),
      ledger.claim_jobs(text, text, text[], text[], bigint, interval),
      ledger.next_job(text, text, text[], text[]),
      ledger.give_back_jobs(uuid[], text[], timestamptz[]),
      ledger.beat_jobs(text, text, uuid[], text[], uuid[], text[]),
      ledger.see_worker(text, text, text, text, text[], text[], bigint),
      ledger.see_again(text, text),
      ledger.forget_workers(timestamptz),
      ledger.claim_timers(bigint, interval),
      ledger.claim_leases(bigint, interval, timestamptz),
      ledger.drop_timers(uuid[], text[], text[], timestamptz[]),
      ledger.drop_jobs(uuid[], text[], timestamptz[])
   TO runledger_command;

GRANT SELECT ON ledger.jobs, ledger.timers, ledger.workers
   TO runledger_command, runledger_query;

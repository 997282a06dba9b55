-- The log itself: events by position, and the streams they belong to.

-- name: events
-- One page of a namespace. The filters below stand between this and the order.
SELECT notification_id, originator_id, originator_version, topic, state, event_id,
       namespace, actor, recorded_by, occurred_at, recorded_at, correlation_id,
       causation_id, trace
  FROM ledger.runledger_events AS e
 WHERE namespace = %(namespace)s

-- name: events_after
   AND notification_id > %(after)s

-- name: events_before
   AND notification_id < %(before)s

-- name: events_of_run
   AND originator_id = %(run)s

-- name: events_of_streams
-- Runs of a workflow: those that the read tables know (a run's workflow never
-- changes, so they serve as an index), and those that came after, which are few.
   AND (originator_id = ANY(%(streams)s)
        OR originator_id IN (SELECT run_id FROM read.runs
                              WHERE namespace = %(namespace)s
                                AND workflow = %(workflow)s))

-- name: events_by_actor
   AND actor = %(actor)s

-- name: events_of_correlation
   AND correlation_id = %(correlation)s

-- name: events_of_causation
   AND causation_id = %(causation)s

-- name: events_under_topic
   AND starts_with(topic, %(topic)s)

-- name: events_upwards
 ORDER BY notification_id
 LIMIT %(limit)s

-- name: events_downwards
 ORDER BY notification_id DESC
 LIMIT %(limit)s

-- name: event
SELECT notification_id, originator_id, originator_version, topic, state, event_id,
       namespace, actor, recorded_by, occurred_at, recorded_at, correlation_id,
       causation_id, trace
  FROM ledger.runledger_events
 WHERE notification_id = %(position)s AND namespace = %(namespace)s

-- name: last_before
-- Position of the newest event recorded before a moment. Positions are dense and
-- recorded_at never falls with them, so halving finds it without an index on times.
WITH RECURSIVE bounds (low, high) AS (
    SELECT 0::bigint, position + 1 FROM ledger.log_head
    UNION ALL
    SELECT CASE WHEN e.recorded_at < %(moment)s THEN b.middle ELSE b.low END,
           CASE WHEN e.recorded_at < %(moment)s THEN b.high ELSE b.middle END
      FROM (SELECT low, high, (low + high) / 2 AS middle
              FROM bounds WHERE high - low > 1) AS b
      JOIN ledger.runledger_events AS e ON e.notification_id = b.middle
)
SELECT max(low) AS position FROM bounds

-- name: created_since
-- Runs of a workflow too new for the read tables: opened after their position.
SELECT originator_id, state
  FROM ledger.runledger_events
 WHERE notification_id > %(position)s AND namespace = %(namespace)s
   AND topic = 'run.created'

-- name: openings
-- The first event of each stream, which says what run it is.
SELECT originator_id, topic, state
  FROM ledger.runledger_events
 WHERE originator_id = ANY(%(streams)s) AND originator_version = 1

-- name: tail
-- What all subscribers together have to see next.
SELECT notification_id, originator_id, originator_version, topic, state, event_id,
       namespace, actor, recorded_by, occurred_at, recorded_at, correlation_id,
       causation_id, trace
  FROM ledger.runledger_events
 WHERE notification_id > %(after)s
 ORDER BY notification_id
 LIMIT %(limit)s

-- name: tail_of_namespace
-- What one subscriber that fell behind has to see next, of a part of the log: what it
-- wants may be rare.
SELECT notification_id, originator_id, originator_version, topic, state, event_id,
       namespace, actor, recorded_by, occurred_at, recorded_at, correlation_id,
       causation_id, trace
  FROM ledger.runledger_events
 WHERE notification_id > %(after)s AND notification_id <= %(up_to)s
   AND namespace = %(namespace)s
   AND (%(run)s::uuid IS NULL OR originator_id = %(run)s)
   AND (%(topic)s::text IS NULL OR starts_with(topic, %(topic)s))
   AND (%(actor)s::text IS NULL OR actor = %(actor)s)
   AND (%(correlation)s::uuid IS NULL OR correlation_id = %(correlation)s)
 ORDER BY notification_id
 LIMIT %(limit)s

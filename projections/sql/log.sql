-- Reading the log for the read tables. Columns: those of projections.change.Change.

-- name: window
-- Some partitions' events between two positions, with the partition.
SELECT notification_id, originator_id, originator_version, topic, namespace, actor,
       occurred_at, state, projection.partition_of(originator_id)
  FROM ledger.runledger_events
 WHERE notification_id > %(after)s
   AND notification_id <= %(up_to)s
   AND projection.partition_of(originator_id) = ANY (%(partitions)s)
 ORDER BY notification_id

-- name: before
-- The earlier events of several runs, in one query for all that a batch lacks.
-- A subquery per run: always the primary key's index.
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.namespace,
       e.actor, e.occurred_at, e.state
  FROM unnest(%(runs)s::uuid[], %(versions)s::bigint[]) AS w(run, version)
 CROSS JOIN LATERAL (
       SELECT * FROM ledger.runledger_events AS r
        WHERE r.originator_id = w.run AND r.originator_version < w.version
        ORDER BY r.originator_version) AS e

-- name: definitions
SELECT e.originator_id, e.originator_version, e.topic, e.state
  FROM unnest(%(streams)s::uuid[], %(versions)s::bigint[]) AS w(stream, version)
  JOIN ledger.runledger_events AS e
    ON e.originator_id = w.stream AND e.originator_version = w.version

-- name: run
SELECT notification_id, originator_id, originator_version, topic, namespace, actor,
       occurred_at, state
  FROM ledger.runledger_events
 WHERE originator_id = %(run_id)s AND notification_id <= %(up_to)s
 ORDER BY originator_version

-- name: whole
-- Run by run, each from its first event on: what a rebuild reads.
SELECT notification_id, originator_id, originator_version, topic, namespace, actor,
       occurred_at, state, projection.partition_of(originator_id)
  FROM ledger.runledger_events
 WHERE projection.partition_of(originator_id) = ANY (%(partitions)s)
   AND notification_id <= (%(bounds)s::bigint[])
                          [projection.partition_of(originator_id) + 1]
 ORDER BY originator_id, originator_version

-- name: head
SELECT position FROM ledger.log_head

-- name: checkpoint
-- What has reached Kafka, by partition.
SELECT partition_positions FROM projection.publisher_checkpoint

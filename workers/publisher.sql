-- name: lead
-- Held by the session: a lost connection frees it.
SELECT pg_try_advisory_lock(%(lock)s)

-- name: begin
-- A new epoch: what an earlier publisher still tries to write finds nothing.
UPDATE projection.publisher_checkpoint
   SET epoch = epoch + 1
RETURNING epoch, position, partition_positions

-- name: load
SELECT epoch, position, partition_positions FROM projection.publisher_checkpoint

-- name: advance
UPDATE projection.publisher_checkpoint
   SET position = %(position)s, partition_positions = %(partition_positions)s
 WHERE epoch = %(epoch)s AND position = %(old)s
RETURNING position

-- name: page
-- The sum ends a page of large events early; at least one event is always in it.
SELECT notification_id, originator_id, originator_version, topic, state, event_id,
       namespace, actor, recorded_by, occurred_at, recorded_at, correlation_id,
       causation_id, trace
  FROM (SELECT e.*, sum(octet_length(e.state)) OVER (ORDER BY e.notification_id)
                    - octet_length(e.state) AS bytes_before
          FROM ledger.runledger_events AS e
         WHERE e.notification_id > %(position)s
         ORDER BY e.notification_id
         LIMIT %(rows)s) AS page
 WHERE bytes_before < %(bytes)s
 ORDER BY notification_id

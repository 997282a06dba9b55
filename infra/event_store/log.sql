-- Reading the log. The columns of every statement are those of rows.py, in its order.

-- name: stream
SELECT notification_id, originator_id, originator_version, namespace, event_id,
       actor, recorded_by, occurred_at, recorded_at, correlation_id, causation_id,
       trace, topic, state
  FROM ledger.runledger_events
 WHERE originator_id = %(stream_id)s
   AND originator_version > %(after)s
   AND originator_version <= %(up_to)s
 ORDER BY originator_version

-- name: hashed
-- With the hash, for whoever appends behind it.
SELECT notification_id, originator_id, originator_version, namespace, event_id,
       actor, recorded_by, occurred_at, recorded_at, correlation_id, causation_id,
       trace, topic, state, hash
  FROM ledger.runledger_events
 WHERE originator_id = %(stream_id)s
   AND originator_version > %(after)s
 ORDER BY originator_version

-- name: version_at
-- How far the stream was recorded at a moment: recorded_at grows with the version.
SELECT max(originator_version)
  FROM ledger.runledger_events
 WHERE originator_id = %(stream_id)s
   AND recorded_at <= %(at)s

-- name: page
SELECT notification_id, originator_id, originator_version, namespace, event_id,
       actor, recorded_by, occurred_at, recorded_at, correlation_id, causation_id,
       trace, topic, state
  FROM ledger.runledger_events
 WHERE notification_id > %(after)s
 ORDER BY notification_id
 LIMIT %(limit)s

-- name: namespace_page
SELECT notification_id, originator_id, originator_version, namespace, event_id,
       actor, recorded_by, occurred_at, recorded_at, correlation_id, causation_id,
       trace, topic, state
  FROM ledger.runledger_events
 WHERE namespace = %(namespace)s
   AND notification_id > %(after)s
 ORDER BY notification_id
 LIMIT %(limit)s

-- name: span
-- Everything between two positions, for whoever pages by ranges of them.
SELECT notification_id, originator_id, originator_version, namespace, event_id,
       actor, recorded_by, occurred_at, recorded_at, correlation_id, causation_id,
       trace, topic, state
  FROM ledger.runledger_events
 WHERE notification_id > %(after)s
   AND notification_id <= %(up_to)s
 ORDER BY notification_id

-- name: head
SELECT position FROM ledger.log_head

-- name: answer
SELECT body_digest, run_id, version, position,
       linked_run_id, linked_version, linked_position
  FROM ledger.idempotency_keys
 WHERE namespace = %(namespace)s
   AND principal = %(principal)s
   AND key = %(key)s

-- name: content
SELECT body FROM ledger.contents
 WHERE namespace = %(namespace)s AND digest = %(digest)s

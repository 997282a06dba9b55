-- Bulk operations in the log: which are not over, and what they have caused.

-- name: not_over
-- By an index of two events each. Oldest first: whoever came first is served first.
SELECT s.namespace, s.originator_id
  FROM ledger.runledger_events AS s
 WHERE s.topic = 'bulk.started'
   AND NOT EXISTS (SELECT FROM ledger.runledger_events AS e
                    WHERE e.topic = 'bulk.ended'
                      AND e.originator_id = s.originator_id)
 ORDER BY s.notification_id
 LIMIT %(limit)s

-- name: caused
-- Which of these versions of runs have come about by the operation.
SELECT e.originator_id, e.originator_version
  FROM unnest(%(runs)s::uuid[], %(versions)s::bigint[]) AS w(run, version)
  JOIN ledger.runledger_events AS e
    ON e.originator_id = w.run AND e.originator_version = w.version
 WHERE e.correlation_id = %(bulk_id)s

-- name: tell
NOTIFY runledger_bulk

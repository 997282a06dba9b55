-- Statements of the writer.

-- name: append
SELECT base, at FROM ledger.append(%s, %s, %s, %s, %s)

-- name: append_agendas
SELECT base, at FROM ledger.append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)

-- name: standing
-- For each stretch of a batch that failed: is its last event in the log all the same
-- (its hash covers the whole stretch), and where does its stream stand?
SELECT e.hash, e.notification_id, e.recorded_at,
       (SELECT p.hash
          FROM ledger.runledger_events AS p
         WHERE p.originator_id = s.id
           AND p.originator_version = s.before) AS predecessor,
       coalesce((SELECT max(l.originator_version)
                   FROM ledger.runledger_events AS l
                  WHERE l.originator_id = s.id), 0) AS version
  FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[])
       WITH ORDINALITY AS s(id, before, last, nth)
  LEFT JOIN ledger.runledger_events AS e
         ON e.originator_id = s.id
        AND e.originator_version = s.last
 ORDER BY s.nth

-- name: answers
SELECT k.namespace, k.principal, k.key, k.body_digest, k.run_id, k.version,
       k.position, k.linked_run_id, k.linked_version, k.linked_position
  FROM unnest(%s::text[], %s::text[], %s::text[]) AS w(namespace, principal, key)
  JOIN ledger.idempotency_keys AS k USING (namespace, principal, key)

-- name: notify
NOTIFY runledger_log

-- name: notify_jobs
SELECT pg_notify(channel, payload)
  FROM unnest(%s::text[], %s::text[]) AS n(channel, payload)

-- name: take_numbers
SELECT namespace, workflow, last, newest
  FROM ledger.take_numbers(%s::text[], %s::text[], %s::uuid[], %s::bigint[])

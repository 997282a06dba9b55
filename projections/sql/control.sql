-- Positions, generations, parked events and wishes to replay them.

-- name: current
SELECT id FROM projection.generations WHERE state = 'current'

-- name: positions
SELECT partition, next_offset, position
  FROM projection.positions
 WHERE generation = %(generation)s AND partition = ANY (%(partitions)s)
 ORDER BY partition

-- name: advance
SELECT projection.advance(%(generation)s, %(partitions)s::integer[],
                          %(old_offsets)s::bigint[], %(old_positions)s::bigint[],
                          %(new_offsets)s::bigint[], %(new_positions)s::bigint[])

-- name: tell
NOTIFY runledger_read

-- name: tables
SELECT tablename FROM pg_tables WHERE schemaname = %(schema)s

-- name: own
-- Held by the session, as long as it lives: one projector per partition.
SELECT pg_try_advisory_lock(%(space)s, %(partition)s)

-- name: disown
SELECT pg_advisory_unlock(%(space)s, %(partition)s)

-- name: park
INSERT INTO projection.parked (generation, position, run_id, partition, topic, error)
SELECT %(generation)s, p.position, p.run_id, p.partition, p.topic, p.error
  FROM unnest(%(positions)s::bigint[], %(runs)s::uuid[], %(partitions)s::integer[],
              %(topics)s::text[], %(errors)s::text[])
       AS p(position, run_id, partition, topic, error)
    ON CONFLICT (generation, position) DO UPDATE SET error = excluded.error

-- name: parked_runs
SELECT DISTINCT run_id FROM projection.parked
 WHERE generation = %(generation)s AND partition = ANY (%(partitions)s)

-- name: unpark
DELETE FROM projection.parked
 WHERE generation = %(generation)s AND run_id = %(run_id)s

-- name: counted
-- What the counts have of a run: what its row says.
SELECT workflow, state, created_at, ended_at, duration_us
  FROM runs WHERE run_id = %(run_id)s

-- name: requests
SELECT id, run_id FROM projection.replay_requests
 WHERE done_at IS NULL AND projection.partition_of(run_id) = ANY (%(partitions)s)
 ORDER BY id LIMIT 100

-- name: answer
UPDATE projection.replay_requests
   SET done_at = clock_timestamp(), result = %(result)s
 WHERE id = %(id)s

-- name: request
INSERT INTO projection.replay_requests (run_id, requested_by)
VALUES (%(run_id)s, %(requested_by)s) RETURNING id

-- name: request_all
INSERT INTO projection.replay_requests (run_id, requested_by)
SELECT DISTINCT p.run_id, %(requested_by)s
  FROM projection.parked AS p
  JOIN projection.generations AS g ON g.id = p.generation AND g.state = 'current'
RETURNING id

-- name: results
SELECT run_id, result FROM projection.replay_requests
 WHERE id = ANY (%(ids)s) AND done_at IS NOT NULL

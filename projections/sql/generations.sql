-- Making, comparing, flipping and dropping generations.

-- name: building
SELECT id FROM projection.generations WHERE state = 'building'

-- name: next
SELECT max(id) + 1 FROM projection.generations

-- name: begin
INSERT INTO projection.generations (id, state) VALUES (%(id)s, 'building')

-- name: begin_positions
INSERT INTO projection.positions (generation, partition)
SELECT %(id)s, n FROM generate_series(0, %(partitions)s - 1) AS n

-- name: make_schema
SELECT projection.make_schema(%(id)s)

-- name: forget
DELETE FROM projection.generations WHERE id = %(id)s AND state <> 'current'

-- name: newest_retired
SELECT id FROM projection.generations
 WHERE state = 'retired' ORDER BY flipped_at DESC, id DESC LIMIT 1

-- name: retired
SELECT id FROM projection.generations
 WHERE state = 'retired' AND id <> %(keep)s ORDER BY id

-- name: retire
UPDATE projection.generations
   SET state = 'retired', flipped_at = clock_timestamp()
 WHERE id = %(id)s

-- name: install
UPDATE projection.generations
   SET state = 'current', flipped_at = clock_timestamp()
 WHERE id = %(id)s

-- name: places
SELECT partition, next_offset, position
  FROM projection.positions
 WHERE generation = %(generation)s
 ORDER BY partition

-- name: lock_positions
-- Its projector waits here, at the first statement of its transaction.
SELECT partition, next_offset, position
  FROM projection.positions
 WHERE generation = %(generation)s
 ORDER BY partition
   FOR UPDATE

-- name: columns
SELECT column_name FROM information_schema.columns
 WHERE table_schema = %(schema)s AND table_name = %(table)s
 ORDER BY ordinal_position

-- name: views
SELECT viewname FROM pg_views WHERE schemaname = 'read'

-- name: parked
SELECT count(DISTINCT run_id) FROM projection.parked WHERE generation = %(generation)s

-- name: one_rebuild
SELECT pg_try_advisory_lock(%(lock)s)

-- name: rebuild_over
SELECT pg_advisory_unlock(%(lock)s)

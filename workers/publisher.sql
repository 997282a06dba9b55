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

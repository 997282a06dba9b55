-- How far the read tables are, and how far the log is.

-- name: read_position
-- Everything up to here is in the read tables of the current generation. A partition
-- that has all that was published of it stands where the publisher stands.
SELECT coalesce(
         min(CASE WHEN coalesce(p.position, 0) >= published.position
                  THEN c.position
                  ELSE coalesce(p.position, 0) END),
         0)::bigint AS position
  FROM projection.publisher_checkpoint AS c
 CROSS JOIN LATERAL unnest(c.partition_positions)
                    WITH ORDINALITY AS published (position, nth)
  LEFT JOIN projection.generations AS g ON g.state = 'current'
  LEFT JOIN projection.positions AS p
         ON p.generation = g.id AND p.partition = published.nth - 1;

-- name: versions
-- For the waiters: how far the rows of these runs are.
SELECT run_id, version
  FROM read.runs
 WHERE run_id = ANY(%(run_ids)s);

-- name: log_head
SELECT position, recorded_at FROM ledger.log_head;

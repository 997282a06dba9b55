-- What readiness looks at.

-- name: applied
SELECT name FROM migration.applied;

-- name: lag
-- A partition that has all that was published to it is level, however old that is.
SELECT head.position,
       head.position - checkpoint.position,
       (SELECT coalesce(max(checkpoint.position - here.position), 0)
          FROM projection.positions AS here
          JOIN projection.generations AS generation
            ON generation.id = here.generation AND generation.state = 'current'
         WHERE here.position
             < checkpoint.partition_positions[here.partition + 1])
  FROM ledger.log_head AS head, projection.publisher_checkpoint AS checkpoint;

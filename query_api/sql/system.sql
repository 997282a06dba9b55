-- How the service does: publisher, projectors, timers, what is parked.

-- name: processes
-- Who is at work, by the locks that their sessions hold: a process that dies, or whose
-- machine is gone, has none any more. Who stands by waits for such a lock, or asks for it
-- again and again; then only its session is to be seen.
WITH locks AS (
    SELECT pid, granted, objsubid = 2 AS of_partition, classid::bigint AS high,
           objid::bigint AS low,
           CASE WHEN objsubid = 1 THEN classid::bigint << 32 | objid::bigint END AS lock
      FROM pg_locks
     WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), projecting AS (
    SELECT pid, low::integer AS partition
      FROM locks
     WHERE of_partition AND high = %(projectors)s AND granted
), sessions AS (
    SELECT pid, application_name
      FROM pg_stat_activity
     WHERE datname = current_database()
)
SELECT EXISTS (SELECT FROM locks WHERE lock = %(publisher)s AND granted) AS publisher,
       (SELECT count(*) FROM sessions
         WHERE application_name = 'publisher'
           AND pid NOT IN (SELECT pid FROM locks WHERE lock = %(publisher)s AND granted))
           AS publishers_standing_by,
       (SELECT coalesce(array_agg(n ORDER BY n), '{}')
          FROM generate_series(0, %(partitions)s - 1) AS n
         WHERE n NOT IN (SELECT partition FROM projecting)) AS unprojected,
       (SELECT count(DISTINCT pid) FROM projecting) AS projectors,
       (SELECT count(*) FROM sessions
         WHERE application_name = 'projector'
           AND pid NOT IN (SELECT pid FROM projecting)) AS projectors_standing_by,
       EXISTS (SELECT FROM locks WHERE lock = %(timers)s AND granted) AS timers,
       (SELECT count(*) FROM locks WHERE lock = %(timers)s AND NOT granted)
           AS timers_standing_by

-- name: publisher
-- The first event that has not reached Kafka says since when it waits.
SELECT c.epoch, c.position, last.recorded_at AS published_at,
       h.position AS log_position, h.recorded_at,
       h.position - c.position AS lag_events,
       coalesce(extract(epoch FROM clock_timestamp() - e.recorded_at), 0)::float8
           AS lag_s
  FROM projection.publisher_checkpoint AS c
 CROSS JOIN ledger.log_head AS h
  LEFT JOIN ledger.runledger_events AS last ON last.notification_id = c.position
  LEFT JOIN ledger.runledger_events AS e ON e.notification_id = c.position + 1

-- name: partitions
-- What of a partition is not in a generation's tables yet. Where all that was
-- published of it is, only the rest of the log is looked at. More than a thousand are
-- not counted.
SELECT g.id AS generation, g.state, g.created_at, g.flipped_at, p.partition,
       p.position, p.next_offset, c.partition_positions[p.partition + 1] AS published,
       waiting.events AS lag_events, waiting.lag_s
  FROM projection.generations AS g
  JOIN projection.positions AS p ON p.generation = g.id
 CROSS JOIN projection.publisher_checkpoint AS c
 CROSS JOIN LATERAL (
         SELECT count(*) AS events,
                coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0)
                    ::float8 AS lag_s
           FROM (SELECT e.recorded_at
                   FROM ledger.runledger_events AS e
                  WHERE e.notification_id
                        > CASE WHEN p.position >= c.partition_positions[p.partition + 1]
                               THEN greatest(c.position, p.position)
                               ELSE p.position END
                    AND projection.partition_of(e.originator_id) = p.partition
                  ORDER BY e.notification_id
                  LIMIT 1001) AS first_ones
       ) AS waiting
 WHERE g.state <> 'retired'
 ORDER BY g.id, p.partition

-- name: parked_count
SELECT count(*) AS events, count(DISTINCT p.run_id) AS runs
  FROM projection.parked AS p
  JOIN projection.generations AS g ON g.id = p.generation AND g.state = 'current'

-- name: parked
-- A row per run (or workflow) of the namespace, by its first parked event.
SELECT d.run_id, d.since_position, e.topic, d.error, p.parked_at, count.events,
       q.requested_by, q.requested_at, q.done_at, q.result
  FROM read.degraded AS d
  JOIN ledger.runledger_events AS e ON e.notification_id = d.since_position
  JOIN projection.generations AS g ON g.state = 'current'
  JOIN projection.parked AS p
         ON p.generation = g.id AND p.position = d.since_position
 CROSS JOIN LATERAL (SELECT count(*) AS events FROM projection.parked AS a
                      WHERE a.generation = g.id AND a.run_id = d.run_id) AS count
  LEFT JOIN LATERAL (SELECT requested_by, requested_at, done_at, result
                       FROM projection.replay_requests AS r
                      WHERE r.run_id = d.run_id
                      ORDER BY r.id DESC LIMIT 1) AS q ON true
 WHERE e.namespace = %(namespace)s AND d.since_position > %(last_position)s
 ORDER BY d.since_position
 LIMIT %(limit)s

-- Writing log lines, and dropping old ones: functions, since no role may more.

-- name: open_attempts
SELECT nth, id, lines, over, bytes
  FROM logs.open_attempts(%b::text[], %b::uuid[], %b::text[], %b::integer[],
                          %b::text[])

-- name: append
SELECT id, taken, lines, over, bytes
  FROM logs.append(%b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                   %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[],
                   %b::integer[], %b::integer[], %b::bigint[], %b::bytea[],
                   %b::bytea[], %b::text[])

-- name: make_days
SELECT logs.make_days(%(ahead)s)

-- name: drop_oldest
SELECT logs.drop_oldest(%(keep_days)s)

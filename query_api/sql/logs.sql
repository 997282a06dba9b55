-- Log lines of attempts: chunks of them, by the number of their first line.

-- name: attempt
SELECT id, lines, over, bytes, chunks, first_day, last_day, changed_at
  FROM logs.attempts
 WHERE run_id = %(run_id)s AND step = %(step)s AND attempt = %(attempt)s
   AND namespace = %(namespace)s

-- name: first_kept
SELECT first
  FROM logs.chunks
 WHERE attempt_id = %(id)s AND day BETWEEN %(first_day)s AND %(last_day)s
 ORDER BY first
 LIMIT 1

-- name: last_dropped
SELECT day, kept_days, dropped_at
  FROM logs.dropped_days
 WHERE day BETWEEN %(first_day)s AND %(last_day)s
 ORDER BY day DESC
 LIMIT 1

-- name: upwards
-- Chunks from the one that holds a line on. At most so many are looked at (window), so
-- that one statement is short however long the log is; of those, the first ones that
-- may hold what is looked for. Each of the texts is unpacked only where it is searched:
-- case of ASCII letters aside, which is all that the collation "C" knows.
SELECT first, lines, kinds, began, marks, times, body
  FROM (SELECT *
          FROM logs.chunks
         WHERE attempt_id = %(id)s AND day BETWEEN %(first_day)s AND %(last_day)s
           AND first >= coalesce(
                   (SELECT first
                      FROM logs.chunks
                     WHERE attempt_id = %(id)s
                       AND day BETWEEN %(first_day)s AND %(last_day)s
                       AND first <= %(line)s
                     ORDER BY first DESC
                     LIMIT 1), 0)
         ORDER BY first
         LIMIT %(window)s) AS looked_at
 WHERE kinds & %(kinds)s <> 0
   AND CASE WHEN %(part)s::text = '' THEN true
            WHEN %(exact)s THEN strpos(body COLLATE "C", %(part)s) > 0
            ELSE strpos(lower(body COLLATE "C"), %(part)s) > 0 END
 ORDER BY first
 LIMIT %(most)s

-- name: upwards_end
-- The last line that the statement above has looked at.
SELECT max(first + lines - 1) AS reached
  FROM (SELECT first, lines
          FROM logs.chunks
         WHERE attempt_id = %(id)s AND day BETWEEN %(first_day)s AND %(last_day)s
           AND first >= coalesce(
                   (SELECT first
                      FROM logs.chunks
                     WHERE attempt_id = %(id)s
                       AND day BETWEEN %(first_day)s AND %(last_day)s
                       AND first <= %(line)s
                     ORDER BY first DESC
                     LIMIT 1), 0)
         ORDER BY first
         LIMIT %(window)s) AS looked_at

-- name: downwards
-- The same from a line down.
SELECT first, lines, kinds, began, marks, times, body
  FROM (SELECT *
          FROM logs.chunks
         WHERE attempt_id = %(id)s AND day BETWEEN %(first_day)s AND %(last_day)s
           AND first <= %(line)s
         ORDER BY first DESC
         LIMIT %(window)s) AS looked_at
 WHERE kinds & %(kinds)s <> 0
   AND CASE WHEN %(part)s::text = '' THEN true
            WHEN %(exact)s THEN strpos(body COLLATE "C", %(part)s) > 0
            ELSE strpos(lower(body COLLATE "C"), %(part)s) > 0 END
 ORDER BY first DESC
 LIMIT %(most)s

-- name: downwards_end
SELECT min(first) AS reached
  FROM (SELECT first
          FROM logs.chunks
         WHERE attempt_id = %(id)s AND day BETWEEN %(first_day)s AND %(last_day)s
           AND first <= %(line)s
         ORDER BY first DESC
         LIMIT %(window)s) AS looked_at

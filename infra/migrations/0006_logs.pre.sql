-- Log lines of attempts, apart from the events: they are many, they are dropped by the
-- day, and nothing is decided by them. docs/logs.md tells how it works.

CREATE SCHEMA logs;
GRANT USAGE ON SCHEMA logs TO runledger_command, runledger_query;

-- One row per attempt that lines were sent of. Stays when its lines are dropped, and
-- says how many there were.
CREATE TABLE logs.attempts (
    id         bigint  GENERATED ALWAYS AS IDENTITY UNIQUE,
    namespace  text    NOT NULL,
    run_id     uuid    NOT NULL,
    step       text    NOT NULL,
    attempt    integer NOT NULL CHECK (attempt > 0),
    principal  text    NOT NULL,            -- whose token sent the first lines
    lines      bigint  NOT NULL DEFAULT 0,  -- numbered from 1, without gaps
    over       bigint  NOT NULL DEFAULT 0,  -- came over the limit: counted, not kept
    bytes      bigint  NOT NULL DEFAULT 0,  -- of their text
    chunks     bigint  NOT NULL DEFAULT 0,
    first_day  date,
    last_day   date,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run_id, step, attempt)
)
-- Counted up with every batch: old versions of a row must find room on its own page.
WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

-- One row per batch of lines, at most 1,000: a row for each line takes four times the
-- space and twice the time to write (docs/choices.md).
CREATE TABLE logs.chunks (
    attempt_id bigint  NOT NULL,
    first      bigint  NOT NULL,  -- number of its first line
    day        date    NOT NULL,  -- on which it came, by this server's clock (UTC)
    lines      integer NOT NULL CHECK (lines > 0),
    kinds      integer NOT NULL,  -- bit 4 * stream + level, for each that is in it
    began      bigint  NOT NULL,  -- time of its first line: microseconds since 1970
    marks      bytea   NOT NULL,  -- a byte a line: 4 * stream + level, 16: it was cut
    times      bytea   NOT NULL,  -- 4 bytes a line: microseconds since the line before;
                                  -- or, where that is too far, 8: those since 1970
    body       text    NOT NULL,  -- the texts, U+001E between them
    PRIMARY KEY (attempt_id, first, day)
)
PARTITION BY RANGE (day);

DO $$
BEGIN
    ALTER TABLE logs.chunks ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION
    -- A server that was built without it: its own method is slower, and does.
    WHEN feature_not_supported THEN NULL;
END $$;

-- What retention has dropped, so that answers can say so.
CREATE TABLE logs.dropped_days (
    day        date        PRIMARY KEY,
    kept_days  integer     NOT NULL,  -- the setting at that time
    dropped_at timestamptz NOT NULL DEFAULT clock_timestamp()
);


CREATE FUNCTION logs.today() RETURNS date
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$ SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date $$;

CREATE FUNCTION logs.partition_of(day date) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT 'chunks_' || to_char(day, 'YYYYMMDD') $$;

-- The partition of a day, if there is none yet. Made and then attached: unlike CREATE
-- TABLE ... PARTITION OF that waits for no reader or writer, nor they for it.
CREATE FUNCTION logs.make_day(day date) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := logs.partition_of(day);
BEGIN
    -- What attaching takes as well: one at a time, who then sees what others have made.
    LOCK TABLE logs.chunks IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass('logs.' || name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE logs.%I (LIKE logs.chunks INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE logs.chunks ATTACH PARTITION logs.%I
                        FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
END $$;

-- Today's partition and those of the days to come.
CREATE FUNCTION logs.make_days(ahead integer) RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT logs.make_day(logs.today() + n)
      FROM generate_series(0, least(ahead, 30)) AS n
$$;

-- Drop the oldest partition that holds only lines older than so many days; its day, or
-- null where there is none. One a call, so that each is a transaction of its own. It
-- gives up (lock_not_available) rather than make readers and writers queue behind it.
CREATE FUNCTION logs.drop_oldest(keep_days integer) RETURNS date
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    oldest date;
BEGIN
    IF keep_days < 1 THEN
        RAISE EXCEPTION 'lines are kept for a day at least'
              USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT min(to_date(substr(c.relname, 8), 'YYYYMMDD'))
      INTO oldest
      FROM pg_inherits AS i
      JOIN pg_class AS c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'logs.chunks'::regclass;
    IF oldest IS NULL OR oldest >= logs.today() - keep_days THEN
        RETURN NULL;
    END IF;
    EXECUTE format('DROP TABLE logs.%I', logs.partition_of(oldest));
    INSERT INTO logs.dropped_days AS d (day, kept_days)
    VALUES (oldest, keep_days)
        ON CONFLICT (day) DO UPDATE
       SET kept_days = excluded.kept_days, dropped_at = excluded.dropped_at;
    RETURN oldest;
END $$;

-- The rows of some attempts, made where they are not there. Who may write is checked
-- before. In one order, so that two processes cannot deadlock.
CREATE FUNCTION logs.open_attempts(
    namespaces text[], run_ids uuid[], steps text[], numbers integer[],
    principals text[]
)
RETURNS TABLE (nth bigint, id bigint, lines bigint, over bigint, bytes bigint)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO logs.attempts (namespace, run_id, step, attempt, principal)
    SELECT new.namespace, new.run_id, new.step, new.attempt, new.principal
      FROM unnest(namespaces, run_ids, steps, numbers, principals)
           AS new(namespace, run_id, step, attempt, principal)
     WHERE NOT EXISTS (SELECT
                         FROM logs.attempts AS a
                        WHERE a.run_id = new.run_id AND a.step = new.step
                          AND a.attempt = new.attempt)
     ORDER BY new.run_id, new.step, new.attempt
        ON CONFLICT DO NOTHING;
    SELECT asked.nth, a.id, a.lines, a.over, a.bytes
      FROM unnest(run_ids, steps, numbers) WITH ORDINALITY
           AS asked(run_id, step, attempt, nth)
      JOIN logs.attempts AS a USING (run_id, step, attempt)
$$;

-- The only way in. The first six arrays have an element per attempt, in the order of
-- ids: the number that the writer takes to be the next one, what is added to its
-- counts. The others have one per chunk. An attempt whose next number is another one
-- gets nothing (taken is false): sent again after a lost connection, or by another
-- process meanwhile, lines are never stored twice. Answered are the counts as they are,
-- by attempt; one that is not there (a backup was put back) is not in the answer.
CREATE FUNCTION logs.append(
    ids bigint[], nexts bigint[], more_lines bigint[], more_over bigint[],
    more_bytes bigint[], more_chunks bigint[],
    of_attempts bigint[], firsts bigint[], counts integer[], all_kinds integer[],
    begans bigint[], all_marks bytea[], all_times bytea[], bodies text[]
)
RETURNS TABLE (id bigint, taken boolean, lines bigint, over bigint, bytes bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := logs.today();
    accepted bigint[];
BEGIN
    IF to_regclass('logs.' || logs.partition_of(today)) IS NULL THEN
        PERFORM logs.make_day(today);
    END IF;
    -- Rows are locked in one order, so that two processes cannot deadlock.
    PERFORM FROM logs.attempts AS a WHERE a.id = ANY(ids) ORDER BY a.id FOR UPDATE;
    WITH changed AS (
        UPDATE logs.attempts AS a
           SET lines = a.lines + new.more_lines,
               over = a.over + new.more_over,
               bytes = a.bytes + new.more_bytes,
               chunks = a.chunks + new.more_chunks,
               first_day = coalesce(a.first_day, today),
               last_day = greatest(a.last_day, today),
               changed_at = clock_timestamp()
          FROM unnest(ids, nexts, more_lines, more_over, more_bytes, more_chunks)
               AS new(id, next, more_lines, more_over, more_bytes, more_chunks)
         WHERE a.id = new.id AND a.lines + a.over + 1 = new.next
        RETURNING a.id
    )
    SELECT coalesce(array_agg(changed.id), '{}') INTO accepted FROM changed;
    INSERT INTO logs.chunks
           (attempt_id, first, day, lines, kinds, began, marks, times, body)
    SELECT new.attempt_id, new.first, today, new.lines, new.kinds, new.began,
           new.marks, new.times, new.body
      FROM unnest(of_attempts, firsts, counts, all_kinds, begans, all_marks, all_times,
                  bodies)
           AS new(attempt_id, first, lines, kinds, began, marks, times, body)
     WHERE new.attempt_id = ANY(accepted);
    RETURN QUERY
    SELECT a.id, a.id = ANY(accepted), a.lines, a.over, a.bytes
      FROM logs.attempts AS a
     WHERE a.id = ANY(ids);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA logs FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
      logs.make_days(integer),
      logs.drop_oldest(integer),
      logs.open_attempts(text[], uuid[], text[], integer[], text[]),
      logs.append(bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
                  bigint[], integer[], integer[], bigint[], bytea[], bytea[], text[])
   TO runledger_command;
GRANT SELECT ON logs.attempts, logs.chunks, logs.dropped_days TO runledger_query;

SELECT logs.make_days(7);

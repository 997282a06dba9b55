-- The event store: an append-only log, chained by hashes, and the rows that are
-- written in the same transaction as its events. docs/event-store.md tells how it
-- works; later migrations grant what their own roles need of their own tables.

-- Roles belong to the whole server: another database may have made them already, or
-- makes them at this moment (unique_violation).
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['runledger_command', 'runledger_query',
                                'runledger_publisher', 'runledger_projector'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END $$;

CREATE SCHEMA ledger;
GRANT USAGE ON SCHEMA ledger
   TO runledger_command, runledger_query, runledger_publisher, runledger_projector;


-- The log. Names and types of the first five columns are those of the eventsourcing
-- library's table, so that an application of that library reads it.
CREATE TABLE ledger.runledger_events (
    originator_id      uuid        NOT NULL,  -- the stream: a run, or a workflow
    originator_version bigint      NOT NULL CHECK (originator_version > 0),
    topic              text        NOT NULL,
    state              bytea       NOT NULL CHECK (octet_length(state) <= 262144),
    notification_id    bigint      NOT NULL,  -- the position: dense, in commit order
    event_id           uuid        NOT NULL,  -- UUIDv8 of the hash's first 16 bytes
    namespace          text        NOT NULL,
    actor              text        NOT NULL,
    recorded_by        text        NOT NULL,
    occurred_at        timestamptz NOT NULL,
    recorded_at        timestamptz NOT NULL,  -- never earlier than at a lower position
    correlation_id     uuid,
    causation_id       uuid,
    trace              text,
    hash               bytea       NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (originator_id, originator_version)
)
-- Rows never change, so vacuum has nothing to clean: it freezes, and marks pages as
-- visible to all, which inserts alone bring it to do.
WITH (autovacuum_vacuum_insert_scale_factor = 0.05,
      autovacuum_analyze_scale_factor = 0.02);

CREATE UNIQUE INDEX runledger_events_notification_id
    ON ledger.runledger_events (notification_id);

-- A namespace's own events by position: without it a quiet namespace's page would be
-- searched for among everybody's events.
CREATE INDEX runledger_events_namespace
    ON ledger.runledger_events (namespace, notification_id);

-- The end of the log. Its row lock puts appends in order, over all processes.
CREATE TABLE ledger.log_head (
    one         boolean     PRIMARY KEY DEFAULT true CHECK (one),
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    chain       bytea       NOT NULL CHECK (octet_length(chain) = 32)
)
-- Updated by every append: old versions of the row must find room on its own page.
WITH (fillfactor = 10, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_scale_factor = 0);

INSERT INTO ledger.log_head (position, recorded_at, chain)
VALUES (0, 'epoch', decode(repeat('00', 32), 'hex'));

-- One row per append transaction that holds events; each carries the one before it.
CREATE TABLE ledger.log_batches (
    first       bigint      PRIMARY KEY,
    last        bigint      NOT NULL CHECK (last >= first),
    recorded_at timestamptz NOT NULL,
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    chain       bytea       NOT NULL CHECK (octet_length(chain) = 32)
);


-- Keys of commands that were carried out. Kept for a set time (forget_keys).
CREATE TABLE ledger.idempotency_keys (
    namespace       text        NOT NULL,
    principal       text        NOT NULL,
    key             text        NOT NULL,
    body_digest     bytea       NOT NULL,
    run_id          uuid        NOT NULL,  -- the stream that the answer names
    version         bigint      NOT NULL,
    position        bigint      NOT NULL,
    linked_run_id   uuid,                  -- a retry's old run
    linked_version  bigint,
    linked_position bigint,
    recorded_at     timestamptz NOT NULL,
    PRIMARY KEY (namespace, principal, key)
);

-- Written in the order of time, so a few bytes per 128 pages find the old ones.
CREATE INDEX idempotency_keys_recorded_at
    ON ledger.idempotency_keys USING brin (recorded_at);

-- Commands that the rules did not allow.
CREATE TABLE ledger.refusals (
    id           uuid        PRIMARY KEY,
    namespace    text        NOT NULL,
    run_id       uuid,
    command      text        NOT NULL,
    body         jsonb       NOT NULL,
    actor        text        NOT NULL,
    recorded_by  text        NOT NULL,
    code         text        NOT NULL,
    message      text        NOT NULL,
    version_seen bigint      NOT NULL,
    position     bigint      NOT NULL,  -- the log's end when it was refused
    recorded_at  timestamptz NOT NULL,
    key          text
);

CREATE INDEX refusals_by_run ON ledger.refusals (run_id, recorded_at);
CREATE INDEX refusals_by_time ON ledger.refusals (namespace, recorded_at, id);

-- Values too large for an event, by the digest (hex) that stands in the event.
CREATE TABLE ledger.contents (
    namespace text    NOT NULL,
    digest    text    NOT NULL,
    size      integer NOT NULL,
    body      bytea   NOT NULL,
    PRIMARY KEY (namespace, digest)
);

-- The last number given to a run of a workflow.
CREATE TABLE ledger.run_numbers (
    namespace text   NOT NULL,
    workflow  text   NOT NULL,
    last      bigint NOT NULL,
    PRIMARY KEY (namespace, workflow)
)
WITH (fillfactor = 50);


-- What was recorded stays as it is. ALWAYS: also for a session that applies
-- replicated changes, where ordinary triggers are silent.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: the log is append-only',
          TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
          USING ERRCODE = 'insufficient_privilege';
END $$;

DO $$
DECLARE
    held text;
BEGIN
    FOREACH held IN ARRAY ARRAY['runledger_events', 'log_batches', 'refusals',
                                'contents'] LOOP
        EXECUTE format(
            'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE
                 ON ledger.%I FOR EACH STATEMENT
                 EXECUTE FUNCTION ledger.refuse_change()', held);
        EXECUTE format(
            'ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER append_only', held);
    END LOOP;
END $$;

CREATE TRIGGER one_row BEFORE INSERT OR DELETE OR TRUNCATE
    ON ledger.log_head FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.log_head ENABLE ALWAYS TRIGGER one_row;


-- What an append takes: one element per row to be. The writer sends these arrays in
-- PostgreSQL's binary format, so the order of their fields is part of its code.
CREATE TYPE ledger.new_event AS (
    originator_id      uuid,
    originator_version bigint,
    topic              text,
    namespace          text,
    actor              text,
    recorded_by        text,
    occurred_at        timestamptz,
    correlation_id     uuid,
    causation_id       uuid,
    trace              text,
    state              bytea,
    hash               bytea,
    event_id           uuid
);

-- An event that must be there already, being the predecessor of one that is appended.
CREATE TYPE ledger.predecessor AS (
    originator_id      uuid,
    originator_version bigint,
    hash               bytea
);

-- nth: which event of the append gives the position; null: position says it.
CREATE TYPE ledger.new_key AS (
    namespace      text,
    principal      text,
    key            text,
    body_digest    bytea,
    run_id         uuid,
    version        bigint,
    position       bigint,
    nth            bigint,
    linked_run_id  uuid,
    linked_version bigint,
    linked_nth     bigint
);

CREATE TYPE ledger.new_refusal AS (
    id           uuid,
    namespace    text,
    run_id       uuid,
    command      text,
    body         text,
    actor        text,
    recorded_by  text,
    code         text,
    message      text,
    version_seen bigint,
    key          text
);

CREATE TYPE ledger.new_content AS (
    namespace text,
    digest    text,
    size      bigint,
    body      bytea
);

-- The only way into the log. Takes the head's row lock first, so that positions are
-- given and become visible in one order, without gaps: whoever has read up to a
-- position will never find another one below it. Everything after the lock is in one
-- order for all, so appends never deadlock.
--
-- Raises unique_violation where a version or a key is taken, and RL001 where a
-- predecessor is not there, or has another hash: then the writer's idea of the
-- stream is not what the log holds (a cache that outlived a restored backup).
CREATE FUNCTION ledger.append(
    events       ledger.new_event[],
    predecessors ledger.predecessor[],
    keys         ledger.new_key[],
    refusals     ledger.new_refusal[],
    contents     ledger.new_content[],
    OUT base bigint,
    OUT at   timestamptz
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    count     CONSTANT bigint := cardinality(events);
    old_chain bytea;
    new_chain bytea;
    hashes    bytea;
    missing   uuid;
BEGIN
    SELECT h.position, greatest(clock_timestamp(), h.recorded_at), h.chain
      INTO base, at, old_chain
      FROM ledger.log_head AS h
       FOR UPDATE;

    IF count > 0 THEN
        INSERT INTO ledger.runledger_events
               (originator_id, originator_version, topic, state, notification_id,
                event_id, namespace, actor, recorded_by, occurred_at, recorded_at,
                correlation_id, causation_id, trace, hash)
        SELECT e.originator_id, e.originator_version, e.topic, e.state, base + e.nth,
               e.event_id, e.namespace, e.actor, e.recorded_by, e.occurred_at, at,
               e.correlation_id, e.causation_id, e.trace, e.hash
          FROM unnest(events) WITH ORDINALITY
               AS e(originator_id, originator_version, topic, namespace, actor,
                    recorded_by, occurred_at, correlation_id, causation_id, trace,
                    state, hash, event_id, nth);

        IF cardinality(predecessors) > 0 THEN
            -- A subquery per element: always by the primary key, never by a plan
            -- made for an empty table and kept by a session that lives for months.
            SELECT p.originator_id
              INTO missing
              FROM unnest(predecessors) AS p
             WHERE p.hash IS DISTINCT FROM (
                       SELECT e.hash
                         FROM ledger.runledger_events AS e
                        WHERE e.originator_id = p.originator_id
                          AND e.originator_version = p.originator_version)
             LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'the stream % does not go on from there', missing
                      USING ERRCODE = 'RL001';
            END IF;
        END IF;

        SELECT string_agg(e.hash, ''::bytea ORDER BY e.nth)
          INTO hashes
          FROM unnest(events) WITH ORDINALITY
               AS e(originator_id, originator_version, topic, namespace, actor,
                    recorded_by, occurred_at, correlation_id, causation_id, trace,
                    state, hash, event_id, nth);
        new_chain := sha256(old_chain || int8send(base + 1) || int8send(base + count)
                            || int8send((extract(epoch FROM at) * 1000000)::bigint)
                            || sha256(hashes));
        INSERT INTO ledger.log_batches (first, last, recorded_at, digest, chain)
        VALUES (base + 1, base + count, at, sha256(hashes), new_chain);
        UPDATE ledger.log_head
           SET position = base + count, recorded_at = at, chain = new_chain;
    END IF;

    IF cardinality(keys) > 0 THEN
        INSERT INTO ledger.idempotency_keys
               (namespace, principal, key, body_digest, run_id, version, position,
                linked_run_id, linked_version, linked_position, recorded_at)
        SELECT k.namespace, k.principal, k.key, k.body_digest, k.run_id, k.version,
               coalesce(k.position, base + k.nth), k.linked_run_id, k.linked_version,
               base + k.linked_nth, at
          FROM unnest(keys) AS k;
    END IF;

    IF cardinality(refusals) > 0 THEN
        -- Sent again after a lost connection, it may be there already.
        INSERT INTO ledger.refusals
               (id, namespace, run_id, command, body, actor, recorded_by, code,
                message, version_seen, position, recorded_at, key)
        SELECT r.id, r.namespace, r.run_id, r.command, r.body::jsonb, r.actor,
               r.recorded_by, r.code, r.message, r.version_seen, base, at, r.key
          FROM unnest(refusals) AS r
            ON CONFLICT (id) DO NOTHING;
    END IF;

    IF cardinality(contents) > 0 THEN
        -- One digest is one value: whoever was first has stored the same.
        INSERT INTO ledger.contents (namespace, digest, size, body)
        SELECT c.namespace, c.digest, c.size, c.body
          FROM unnest(contents) AS c
            ON CONFLICT (namespace, digest) DO NOTHING;
    END IF;
END $$;

-- Numbers for new runs: the last one of each block of ``wanted``, and the newest
-- version of the workflow, whose stream the caller names; nothing for a workflow that
-- is not there. Numbers increase, with gaps where a run was not created after all.
-- Blocks are taken in one order, so that two callers cannot deadlock.
CREATE FUNCTION ledger.take_numbers(
    namespaces text[], workflows text[], streams uuid[], wanted bigint[]
)
RETURNS TABLE (namespace text, workflow text, last bigint, newest bigint)
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH wanted AS MATERIALIZED (
        SELECT w.namespace, w.workflow, w.wanted,
               (SELECT max(e.originator_version)
                  FROM ledger.runledger_events AS e
                 WHERE e.originator_id = w.stream) AS newest
          FROM unnest(namespaces, workflows, streams, wanted)
               AS w(namespace, workflow, stream, wanted)
    ), taken AS (
        INSERT INTO ledger.run_numbers AS n (namespace, workflow, last)
        SELECT w.namespace, w.workflow, w.wanted
          FROM wanted AS w
         WHERE w.newest IS NOT NULL AND w.wanted > 0
         ORDER BY w.namespace, w.workflow
            ON CONFLICT (namespace, workflow)
            DO UPDATE SET last = n.last + excluded.last
        RETURNING n.namespace, n.workflow, n.last
    )
    SELECT t.namespace, t.workflow, t.last, w.newest
      FROM taken AS t
      JOIN wanted AS w USING (namespace, workflow)
$$;

-- Drop keys that are older than anybody repeats a command; the number dropped.
CREATE FUNCTION ledger.forget_keys(before timestamptz) RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    WITH dropped AS (
        DELETE FROM ledger.idempotency_keys AS k
         WHERE k.recorded_at < least(before, now() - interval '1 hour')
        RETURNING 1
    )
    SELECT count(*) FROM dropped
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
      ledger.append(ledger.new_event[], ledger.predecessor[], ledger.new_key[],
                    ledger.new_refusal[], ledger.new_content[]),
      ledger.take_numbers(text[], text[], uuid[], bigint[]),
      ledger.forget_keys(timestamptz)
   TO runledger_command;

GRANT SELECT ON ledger.runledger_events, ledger.log_head
   TO runledger_command, runledger_query, runledger_publisher, runledger_projector;
GRANT SELECT ON ledger.idempotency_keys, ledger.contents, ledger.refusals,
                ledger.run_numbers
   TO runledger_command;
GRANT SELECT ON ledger.log_batches, ledger.contents, ledger.refusals
   TO runledger_query;

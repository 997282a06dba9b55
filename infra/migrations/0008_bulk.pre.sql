-- Bulk operations: how their runner finds those that are not over, and their read
-- models, in every generation of read tables that there is. No event of a bulk operation
-- is older than this file, so the new tables are complete from the start.

-- Two events of each operation: which there are, and which of them have ended. Nothing
-- of the many other events is in it.
CREATE INDEX runledger_events_bulk
    ON ledger.runledger_events (topic, originator_id)
 WHERE topic IN ('bulk.started', 'bulk.ended');

SET LOCAL ROLE runledger_reads;

DO $$
DECLARE
    generation text;
BEGIN
    FOR generation IN
        SELECT nspname
          FROM projection.generations AS g
          JOIN pg_namespace AS n ON n.nspname = 'read_' || g.id
         ORDER BY g.id
    LOOP
        PERFORM set_config('search_path', generation, true);

        CREATE TABLE bulk_operations (
            bulk_id      uuid        PRIMARY KEY,
            namespace    text        NOT NULL,
            command      text        NOT NULL,
            options      jsonb       NOT NULL,
            filter       jsonb       NOT NULL,
            named_runs   integer     NOT NULL,
            reason       text        NOT NULL,
            state        text        NOT NULL,
            total        integer     NOT NULL,
            done         integer     NOT NULL,
            nothing      integer     NOT NULL,
            refused      integer     NOT NULL,
            not_found    integer     NOT NULL,
            digest       text        NOT NULL,
            took_as_is   boolean     NOT NULL,
            started_at   timestamptz NOT NULL,
            started_by   text        NOT NULL,
            stop_asked_at timestamptz,
            stop_asked_by text,
            stop_reason  text,
            ended_at     timestamptz,
            version      bigint      NOT NULL,
            position     bigint      NOT NULL
        ) WITH (fillfactor = 50);
        CREATE INDEX ON bulk_operations (namespace, started_at DESC, bulk_id DESC);

        CREATE TABLE bulk_items (
            bulk_id        uuid        NOT NULL,
            nth            integer     NOT NULL,
            namespace      text        NOT NULL,
            run_id         uuid        NOT NULL,
            workflow       text        NOT NULL,
            number         bigint      NOT NULL,
            step           text,
            iteration      integer,
            subject_digest text,
            result         text        NOT NULL,
            code           text        NOT NULL,
            message        text        NOT NULL,
            run_version    bigint,
            run_position   bigint,
            new_run        uuid,
            new_number     bigint,
            at             timestamptz NOT NULL,
            version        bigint      NOT NULL,
            position       bigint      NOT NULL,
            PRIMARY KEY (bulk_id, nth)
        ) WITH (fillfactor = 75);
        CREATE INDEX ON bulk_items (bulk_id, result, nth);
    END LOOP;

    SELECT 'read_' || g.id INTO STRICT generation
      FROM projection.generations AS g WHERE g.state = 'current';
    EXECUTE format('CREATE VIEW read.bulk_operations AS
                    SELECT * FROM %I.bulk_operations', generation);
    EXECUTE format('CREATE VIEW read.bulk_items AS SELECT * FROM %I.bulk_items',
                   generation);
END $$;

GRANT SELECT ON read.bulk_operations, read.bulk_items
   TO runledger_query, runledger_command;

SET LOCAL ROLE runledger_owner;
SET LOCAL search_path TO DEFAULT;

-- The read model of jobs, and what steps and runs show since there are jobs, in every
-- generation of read tables that there is. No event of a job is older than this file,
-- so the new table is complete from the start. Projectors of the version before know
-- nothing of the new columns and leave them null.

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

        CREATE TABLE jobs (
            run_id       uuid        NOT NULL,
            step         text        NOT NULL,
            iteration    integer     NOT NULL,
            attempt      integer     NOT NULL,
            namespace    text        NOT NULL,
            workflow     text        NOT NULL,
            number       bigint      NOT NULL,
            queue        text        NOT NULL,
            state        text        NOT NULL,
            worker       text        NOT NULL,
            principal    text        NOT NULL,
            lease_s      double precision NOT NULL,
            queued_at    timestamptz NOT NULL,
            available_at timestamptz,
            leased_at    timestamptz,
            ended_at     timestamptz,
            reason       text        NOT NULL,
            outcome      text,
            error        text,
            version      bigint      NOT NULL,
            position     bigint      NOT NULL,
            PRIMARY KEY (run_id, step, iteration, attempt)
        ) WITH (fillfactor = 75);
        CREATE INDEX ON jobs (namespace, queued_at DESC, run_id DESC, step DESC,
                              iteration DESC, attempt DESC);
        CREATE INDEX ON jobs (namespace, state, queued_at DESC)
         WHERE state <> 'succeeded';

        ALTER TABLE steps ADD COLUMN available_at timestamptz;
        ALTER TABLE runs ADD COLUMN other_inputs boolean;
    END LOOP;

    SELECT 'read_' || g.id INTO STRICT generation
      FROM projection.generations AS g WHERE g.state = 'current';
    EXECUTE format('CREATE VIEW read.jobs AS SELECT * FROM %I.jobs', generation);
    EXECUTE format('CREATE OR REPLACE VIEW read.steps AS SELECT * FROM %I.steps',
                   generation);
    EXECUTE format('CREATE OR REPLACE VIEW read.runs AS SELECT * FROM %I.runs',
                   generation);
END $$;

GRANT SELECT ON read.jobs TO runledger_query, runledger_command;

SET LOCAL ROLE runledger_owner;
SET LOCAL search_path TO DEFAULT;

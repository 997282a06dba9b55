-- Publishing and projecting: how far each has come, the generations of read tables,
-- what is parked, and generation 1 with the views that queries read.
-- docs/projections.md tells how it works.

-- Owns every generation of read tables and the views over the current one. Projectors
-- and rebuilds act as it; nobody logs in as it.
DO $$
BEGIN
    CREATE ROLE runledger_reads NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

DO $$
BEGIN
    -- A migrating owner gives it objects.
    EXECUTE format('GRANT runledger_reads TO %I', current_user);
EXCEPTION
    -- Another database of this server is migrated at this moment.
    WHEN unique_violation THEN NULL;
END $$;
GRANT runledger_reads TO runledger_projector;

CREATE SCHEMA projection;
GRANT USAGE ON SCHEMA projection
   TO runledger_command, runledger_query, runledger_publisher, runledger_projector,
      runledger_reads;


-- What has reached Kafka for certain. The last position of every partition is in the
-- same row, so that a record's link to its predecessor follows from the log alone,
-- whichever publisher sends it and however often.
CREATE TABLE projection.publisher_checkpoint (
    single              boolean  PRIMARY KEY DEFAULT true CHECK (single),
    epoch               bigint   NOT NULL,  -- grows with every publisher that starts
    position            bigint   NOT NULL,
    partition_positions bigint[] NOT NULL
)
WITH (fillfactor = 10, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_scale_factor = 0);

INSERT INTO projection.publisher_checkpoint (epoch, position, partition_positions)
VALUES (0, 0, array_fill(0::bigint, ARRAY[8]));

-- A generation of read tables: schema read_ID.
CREATE TABLE projection.generations (
    id         integer     PRIMARY KEY CHECK (id > 0),
    state      text        NOT NULL CHECK (state IN ('building', 'current', 'retired')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    flipped_at timestamptz          -- when it became, or ceased to be, the current one
);

CREATE UNIQUE INDEX one_current_generation
    ON projection.generations (state) WHERE state = 'current';
CREATE UNIQUE INDEX one_building_generation
    ON projection.generations (state) WHERE state = 'building';

-- How far a generation has come: last position in it, next offset to read in Kafka.
CREATE TABLE projection.positions (
    generation  integer NOT NULL REFERENCES projection.generations ON DELETE CASCADE,
    partition   integer NOT NULL CHECK (partition BETWEEN 0 AND 7),
    next_offset bigint  NOT NULL DEFAULT 0,
    position    bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (generation, partition)
)
-- Updated by every batch: old versions of a row must find room on its own page.
WITH (fillfactor = 10, autovacuum_vacuum_threshold = 2000,
      autovacuum_vacuum_scale_factor = 0);

-- Events that could not be applied, and all later ones of their runs.
CREATE TABLE projection.parked (
    generation integer     NOT NULL REFERENCES projection.generations ON DELETE CASCADE,
    position   bigint      NOT NULL,
    run_id     uuid        NOT NULL,  -- the stream: of a workflow too
    partition  integer     NOT NULL,
    topic      text        NOT NULL,
    error      text        NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (generation, position)
);

CREATE INDEX parked_by_run ON projection.parked (generation, run_id, position);

-- Wishes to apply a run's events anew; the projector of its partition does it.
CREATE TABLE projection.replay_requests (
    id           bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    run_id       uuid        NOT NULL,
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at      timestamptz,
    result       text
);

CREATE INDEX replay_requests_open
    ON projection.replay_requests (id) WHERE done_at IS NULL;


-- infra.kafka.partition_of: the last four bytes modulo 8 are the last byte modulo 8.
CREATE FUNCTION projection.partition_of(stream uuid) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN get_byte(uuid_send(stream), 15) & 7;

-- Moves positions of a generation on, from where the caller believes them to be: the
-- first statement of every transaction that writes its rows. It raises, so that also
-- in pipeline mode nothing after it happens:
--   RL010  somebody else has moved them: the caller is not the projector any more
--   RL011  the generation is neither current nor building: there is another one now
CREATE FUNCTION projection.advance(
    of_generation integer,
    partitions    integer[],
    old_offsets   bigint[],
    old_positions bigint[],
    new_offsets   bigint[],
    new_positions bigint[]
)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    moved bigint;
BEGIN
    -- In one order for all, so that neither zombies nor a flip cause a deadlock.
    PERFORM FROM projection.positions AS p
      WHERE p.generation = of_generation AND p.partition = ANY (partitions)
      ORDER BY p.partition
        FOR UPDATE;

    -- After the wait for those locks: a flip holds them until it is over.
    PERFORM FROM projection.generations AS g
      WHERE g.id = of_generation AND g.state IN ('current', 'building');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'generation % is not kept any more', of_generation
              USING ERRCODE = 'RL011';
    END IF;

    UPDATE projection.positions AS p
       SET next_offset = n.new_offset, position = n.new_position
      FROM unnest(partitions, old_offsets, old_positions, new_offsets, new_positions)
           AS n(partition, old_offset, old_position, new_offset, new_position)
     WHERE p.generation = of_generation
       AND p.partition = n.partition
       AND p.next_offset = n.old_offset
       AND p.position = n.old_position;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> cardinality(partitions) THEN
        RAISE EXCEPTION 'generation % is projected by somebody else', of_generation
              USING ERRCODE = 'RL010';
    END IF;
END $$;

-- An empty schema for a generation that is being built. As the database's owner, so
-- that nobody else needs the right to create schemas: a database that is copied or
-- restored keeps its owner and loses such grants.
CREATE FUNCTION projection.make_schema(of_generation integer) RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM projection.generations AS g
      WHERE g.id = of_generation AND g.state = 'building';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'generation % is not being built', of_generation;
    END IF;
    EXECUTE format('CREATE SCHEMA %I AUTHORIZATION runledger_reads',
                   'read_' || of_generation);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA projection FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projection.partition_of(uuid)
   TO runledger_command, runledger_query, runledger_publisher, runledger_projector,
      runledger_reads;
GRANT EXECUTE ON FUNCTION
      projection.advance(integer, integer[], bigint[], bigint[], bigint[], bigint[]),
      projection.make_schema(integer)
   TO runledger_projector;

GRANT SELECT ON ALL TABLES IN SCHEMA projection
   TO runledger_command, runledger_query, runledger_publisher, runledger_projector,
      runledger_reads;
GRANT UPDATE ON projection.publisher_checkpoint TO runledger_publisher;
GRANT INSERT, UPDATE, DELETE ON projection.generations, projection.positions,
                                projection.parked
   TO runledger_projector;
GRANT INSERT, UPDATE ON projection.replay_requests TO runledger_projector;
GRANT INSERT ON projection.replay_requests TO runledger_command;

INSERT INTO projection.generations (id, state, flipped_at)
VALUES (1, 'current', clock_timestamp());
INSERT INTO projection.positions (generation, partition)
SELECT 1, n FROM generate_series(0, 7) AS n;


-- Generation 1, as it was when this file was written. Later generations are made by a
-- rebuild from projections/sql/*.sql; a test says when the two differ.
CREATE SCHEMA read AUTHORIZATION runledger_reads;
CREATE SCHEMA read_1 AUTHORIZATION runledger_reads;
GRANT USAGE ON SCHEMA read TO runledger_query, runledger_command;

SET LOCAL ROLE runledger_reads;
SET LOCAL search_path = read_1;

CREATE TABLE workflows (
    namespace     text        NOT NULL,
    name          text        NOT NULL,
    version       integer     NOT NULL,
    digest        text        NOT NULL,
    definition    jsonb       NOT NULL,
    step_count    integer     NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by text        NOT NULL,
    position      bigint      NOT NULL,
    PRIMARY KEY (namespace, name)
);

CREATE TABLE runs (
    run_id           uuid        PRIMARY KEY,
    namespace        text        NOT NULL,
    workflow         text        NOT NULL,
    workflow_version integer     NOT NULL,
    number           bigint      NOT NULL,
    state            text        NOT NULL,
    observed         boolean     NOT NULL,
    source           text,
    external_id      text,
    created_at       timestamptz NOT NULL,
    created_by       text        NOT NULL,
    started_at       timestamptz,
    ended_at         timestamptz,
    changed_at       timestamptz NOT NULL,
    duration_us      bigint,
    held             boolean     NOT NULL,
    waiting          boolean     NOT NULL,
    cancel_requested boolean     NOT NULL,
    cause            jsonb,
    step_counts      jsonb       NOT NULL,
    active_steps     text[]      NOT NULL,
    retry_of         uuid,
    root_run         uuid,
    retry_from       text,
    retries          uuid[]      NOT NULL,
    version          bigint      NOT NULL,
    position         bigint      NOT NULL
) WITH (fillfactor = 75);
CREATE INDEX ON runs (namespace, workflow, number DESC);
CREATE INDEX ON runs (namespace, created_at DESC, run_id DESC);
CREATE INDEX ON runs (namespace, state, created_at DESC);
CREATE INDEX ON runs (retry_of) WHERE retry_of IS NOT NULL;

CREATE TABLE steps (
    run_id       uuid    NOT NULL,
    step         text    NOT NULL,
    namespace    text    NOT NULL,
    workflow     text    NOT NULL,
    number       bigint  NOT NULL,
    ordinal      integer NOT NULL,
    state        text    NOT NULL,
    iteration    integer NOT NULL,
    attempt_count integer NOT NULL,
    attempts     jsonb   NOT NULL,
    approvals    jsonb   NOT NULL,
    output       jsonb,
    error        jsonb,
    reason       text    NOT NULL,
    actor        text    NOT NULL,
    changed_at   timestamptz,
    queued_at    timestamptz,
    started_at   timestamptz,
    ended_at     timestamptz,
    duration_us  bigint,
    carried_from uuid,
    version      bigint  NOT NULL,
    position     bigint  NOT NULL,
    PRIMARY KEY (run_id, step)
) WITH (fillfactor = 60);

CREATE TABLE matrix (
    run_id           uuid        PRIMARY KEY,
    namespace        text        NOT NULL,
    workflow         text        NOT NULL,
    workflow_version integer     NOT NULL,
    number           bigint      NOT NULL,
    state            text        NOT NULL,
    created_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    duration_us      bigint,
    retry_of         uuid,
    steps            text[],     -- null: those of the definition, in its order
    cells            text        NOT NULL,
    durations        bigint[]    NOT NULL,
    attempts         smallint[]  NOT NULL,
    flags            text        NOT NULL,
    version          bigint      NOT NULL,
    position         bigint      NOT NULL
) WITH (fillfactor = 75);
CREATE INDEX ON matrix (namespace, workflow, number DESC);

CREATE TABLE approvals (
    run_id         uuid        NOT NULL,
    step           text        NOT NULL,
    iteration      integer     NOT NULL,
    namespace      text        NOT NULL,
    workflow       text        NOT NULL,
    number         bigint      NOT NULL,
    state          text        NOT NULL,
    approvers      text[]      NOT NULL,
    required       integer     NOT NULL,
    agreed         integer     NOT NULL,
    decisions      jsonb       NOT NULL,
    requested_at   timestamptz NOT NULL,
    requested_by   text        NOT NULL,
    subject_digest text        NOT NULL,
    subject        jsonb,
    summary        text        NOT NULL,
    closed_at      timestamptz,
    closed_because text        NOT NULL,
    version        bigint      NOT NULL,
    position       bigint      NOT NULL,
    PRIMARY KEY (run_id, step, iteration)
) WITH (fillfactor = 75);
CREATE INDEX ON approvals (namespace, state, requested_at);

CREATE TABLE workflow_counts (
    namespace text    NOT NULL,
    workflow  text    NOT NULL,
    partition integer NOT NULL,
    state     text    NOT NULL,
    runs      bigint  NOT NULL,
    PRIMARY KEY (namespace, workflow, partition, state)
) WITH (fillfactor = 50);

CREATE TABLE day_counts (
    namespace   text    NOT NULL,
    workflow    text    NOT NULL,
    day         date    NOT NULL,
    partition   integer NOT NULL,
    created     bigint  NOT NULL,
    completed   bigint  NOT NULL,
    failed      bigint  NOT NULL,
    canceled    bigint  NOT NULL,
    duration_us bigint  NOT NULL,
    PRIMARY KEY (namespace, workflow, day, partition)
) WITH (fillfactor = 50);

RESET search_path;

CREATE VIEW read.workflows AS SELECT * FROM read_1.workflows;
CREATE VIEW read.runs AS SELECT * FROM read_1.runs;
CREATE VIEW read.steps AS SELECT * FROM read_1.steps;
CREATE VIEW read.matrix AS SELECT * FROM read_1.matrix;
CREATE VIEW read.approvals AS SELECT * FROM read_1.approvals;
CREATE VIEW read.workflow_counts AS SELECT * FROM read_1.workflow_counts;
CREATE VIEW read.day_counts AS SELECT * FROM read_1.day_counts;

-- Runs (and workflows) whose rows are behind, since an event could not be applied.
CREATE VIEW read.degraded AS
SELECT DISTINCT ON (p.run_id)
       p.run_id, p.position AS since_position, p.error
  FROM projection.parked AS p
  JOIN projection.generations AS g ON g.id = p.generation AND g.state = 'current'
 ORDER BY p.run_id, p.position;

GRANT SELECT ON ALL TABLES IN SCHEMA read TO runledger_query, runledger_command;

SET LOCAL ROLE runledger_owner;

-- Groups of people: a token says to which ones its holder belongs, and approvals are
-- asked of groups too. The read model of approvals shows the whole of a policy, in every
-- generation of read tables that there is. No event that fills the new columns is older
-- than this file; where they are null, there is nothing of the kind.

ALTER TABLE access.tokens
    ADD COLUMN groups text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(groups) <= 100);
GRANT SELECT (groups) ON access.tokens TO runledger_query;

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
        EXECUTE format($alter$
            ALTER TABLE %I.approvals
                ADD COLUMN groups      text[],
                ADD COLUMN rejections  integer,
                ADD COLUMN rejected    integer,
                ADD COLUMN not_own     boolean,
                ADD COLUMN barred      jsonb,
                ADD COLUMN delegations jsonb,
                ADD COLUMN delegates   text[],
                ADD COLUMN ineligible  text[],
                ADD COLUMN form        jsonb,
                ADD COLUMN expires_at  timestamptz,
                ADD COLUMN on_expiry   text,
                ADD COLUMN expired     boolean,
                ADD COLUMN reminders   integer,
                ADD COLUMN reminded_at timestamptz,
                ADD COLUMN attempt     integer,
                ADD COLUMN redo        jsonb
            $alter$, generation);
    END LOOP;

    SELECT 'read_' || g.id INTO STRICT generation
      FROM projection.generations AS g WHERE g.state = 'current';
    EXECUTE format('CREATE OR REPLACE VIEW read.approvals AS SELECT * FROM %I.approvals',
                   generation);
END $$;

SET LOCAL ROLE runledger_owner;

-- Who may do what: tokens and the sessions made from them. Secrets lie here as their
-- SHA-256 only. The check of roles is the second one: infra/access.py has the first.

CREATE SCHEMA access;

CREATE TABLE access.tokens (
    id          uuid PRIMARY KEY,
    namespace   text NOT NULL CHECK (namespace ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    roles       text[] NOT NULL CHECK (
        cardinality(roles) > 0
        AND roles <@ ARRAY['viewer', 'operator', 'approver', 'worker', 'auditor',
                           'admin']
    ),
    hash        bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by  text NOT NULL,
    expires_at  timestamptz,
    revoked_at  timestamptz
);
CREATE INDEX tokens_namespace ON access.tokens (namespace, created_at);

CREATE TABLE access.sessions (
    hash        bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    token_id    uuid NOT NULL REFERENCES access.tokens ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX sessions_token ON access.sessions (token_id);
CREATE INDEX sessions_expiry ON access.sessions (expires_at);

-- Processes remember whom a secret belongs to. By a trigger they also hear of what an
-- administrator changes by hand.
CREATE FUNCTION access.tell() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pg_notify('runledger_access', '');
    RETURN NULL;
END
$$;
CREATE TRIGGER tell AFTER UPDATE OR DELETE ON access.tokens
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell();
-- Not for each row that runs out: only a DELETE that ends something alive matters, but
-- telling once too often costs one look-up.
CREATE TRIGGER tell AFTER DELETE ON access.sessions
    FOR EACH STATEMENT EXECUTE FUNCTION access.tell();

GRANT USAGE ON SCHEMA access TO runledger_command, runledger_query;
GRANT SELECT, INSERT ON access.tokens TO runledger_command;
GRANT UPDATE (revoked_at) ON access.tokens TO runledger_command;
GRANT SELECT, INSERT, DELETE ON access.sessions TO runledger_command;
-- What it takes to recognise a caller, and no more.
GRANT SELECT (id, namespace, name, roles, hash, expires_at, revoked_at)
    ON access.tokens TO runledger_query;
GRANT SELECT (hash, token_id, expires_at) ON access.sessions TO runledger_query;

-- A process that is asked whether it is ready looks whether the database is level.
GRANT USAGE ON SCHEMA migration TO runledger_command, runledger_query;
GRANT SELECT ON migration.applied TO runledger_command, runledger_query;

-- Links that sign a person in: each has a code, good once and for a short while. As with
-- tokens and sessions only its SHA-256 lies here.

CREATE TABLE access.sign_in_codes (
    hash        bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    token_id    uuid NOT NULL REFERENCES access.tokens ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX sign_in_codes_token ON access.sign_in_codes (token_id);
CREATE INDEX sign_in_codes_expiry ON access.sign_in_codes (expires_at);

-- The query API takes sessions only: codes are none of its business.
GRANT SELECT, DELETE ON access.sign_in_codes TO runledger_command;
GRANT INSERT (hash, token_id, expires_at) ON access.sign_in_codes TO runledger_command;
GRANT UPDATE (used_at) ON access.sign_in_codes TO runledger_command;

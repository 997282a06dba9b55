-- Tokens, sessions and codes that sign in. A secret comes in as its SHA-256 only.

-- name: by_token
SELECT id, namespace, name, roles, groups, expires_at
  FROM access.tokens
 WHERE hash = %(hash)s
   AND revoked_at IS NULL
   AND (expires_at IS NULL OR expires_at > clock_timestamp());

-- name: by_session
-- A session is worth what its token is worth now.
SELECT token.id, token.namespace, token.name, token.roles, token.groups,
       session.expires_at
  FROM access.sessions AS session
  JOIN access.tokens AS token ON token.id = session.token_id
 WHERE session.hash = %(hash)s
   AND session.expires_at > clock_timestamp()
   AND token.revoked_at IS NULL
   AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp());

-- name: create_token
INSERT INTO access.tokens
       (id, namespace, name, roles, groups, hash, created_by, expires_at)
VALUES (%(id)s, %(namespace)s, %(name)s, %(roles)s, %(groups)s, %(hash)s,
        %(created_by)s, clock_timestamp() + %(lifetime)s::interval)
RETURNING id, namespace, name, roles, groups, created_at, created_by, expires_at,
          revoked_at;

-- name: tokens
SELECT id, namespace, name, roles, groups, created_at, created_by, expires_at,
       revoked_at
  FROM access.tokens
 WHERE namespace = %(namespace)s OR %(namespace)s::text IS NULL
 ORDER BY created_at DESC, id
 LIMIT 10000;

-- name: revoke_token
UPDATE access.tokens
   SET revoked_at = coalesce(revoked_at, clock_timestamp())
 WHERE id = %(id)s
   AND (namespace = %(namespace)s OR %(namespace)s::text IS NULL)
RETURNING id, namespace, name, roles, groups, created_at, created_by, expires_at,
          revoked_at;

-- name: open_session
-- Those that have run out are cleared away by the way. It ends with its token.
WITH cleared AS (
    DELETE FROM access.sessions
     WHERE expires_at < clock_timestamp() - interval '1 hour'
)
INSERT INTO access.sessions (hash, token_id, expires_at)
SELECT %(hash)s, id,
       least(clock_timestamp() + %(lifetime)s::interval, expires_at)
  FROM access.tokens
 WHERE id = %(token_id)s
RETURNING expires_at;

-- name: close_session
DELETE FROM access.sessions WHERE hash = %(hash)s;

-- name: make_code
-- For a token that is worth something now. Old ones are cleared away by the way.
WITH cleared AS (
    DELETE FROM access.sign_in_codes
     WHERE expires_at < clock_timestamp() - interval '1 hour'
)
INSERT INTO access.sign_in_codes (hash, token_id, expires_at)
SELECT %(hash)s, id,
       least(clock_timestamp() + %(lifetime)s::interval, expires_at)
  FROM access.tokens
 WHERE (id = %(token_id)s OR hash = %(token)s)
   AND revoked_at IS NULL
   AND (expires_at IS NULL OR expires_at > clock_timestamp())
RETURNING expires_at;

-- name: by_code
-- Used by being asked for: of two who come at once, the second finds it used. It is
-- worth what its token is worth now.
UPDATE access.sign_in_codes AS code
   SET used_at = clock_timestamp()
  FROM access.tokens AS token
 WHERE code.hash = %(hash)s
   AND code.used_at IS NULL
   AND code.expires_at > clock_timestamp()
   AND token.id = code.token_id
   AND token.revoked_at IS NULL
   AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp())
RETURNING token.id, token.namespace, token.name, token.roles, token.groups,
          token.expires_at;

-- Tokens and sessions. A secret comes in as its SHA-256 only.

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

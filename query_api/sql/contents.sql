-- Values too large for an event.

-- name: content
SELECT body FROM ledger.contents
 WHERE namespace = %(namespace)s AND digest = %(digest)s

-- name: forget
-- The function never drops keys that are younger than an hour.
SELECT ledger.forget_keys(now() - make_interval(days => %s))

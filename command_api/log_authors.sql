-- Who has reported an observed run.

-- name: reported
SELECT EXISTS (SELECT FROM ledger.runledger_events
                WHERE originator_id = %(run_id)s AND recorded_by = %(principal)s)

-- Replay of parked runs: a control row asks the projector.

-- name: look_up
-- The stream's namespace stands in its first event. No row: no such stream here.
SELECT EXISTS (
           SELECT FROM projection.parked AS parked
             JOIN projection.generations AS generation
               ON generation.id = parked.generation AND generation.state = 'current'
            WHERE parked.run_id = event.originator_id)
  FROM ledger.runledger_events AS event
 WHERE event.originator_id = %(run_id)s
   AND event.originator_version = 1
   AND event.namespace = %(namespace)s;

-- name: ask
INSERT INTO projection.replay_requests (run_id, requested_by)
VALUES (%(run_id)s, %(requested_by)s)
RETURNING id;

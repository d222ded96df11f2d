-- How much of each kind waits for a person. Every part reads open runs alone, or a partial index.
SELECT
    (SELECT count(*) FROM nexus_approval WHERE outcome IS NULL) AS approval,
    w.question, w.money, w.wait,
    (SELECT count(DISTINCT l.fingerprint)
       FROM nexus_deadletter l JOIN nexus_task t ON t.id = l.task_id JOIN nexus_run r ON r.id = t.run_id
      WHERE l.raised_at IS NULL AND t.state = 'failed' AND r.state = 'open' AND r.cancel_requested_at IS NULL)
        AS failure,
    (SELECT count(*) FROM nexus_effect e JOIN nexus_task t ON t.id = e.task_id
      WHERE e.state = 'unknown' AND t.state IN ('completed', 'cancelled', 'failed')) AS effect,
    (SELECT count(*) FROM nexus_run r
      WHERE r.state = 'open' AND r.paused_at IS NOT NULL AND r.cancel_requested_at IS NULL AND EXISTS (
            SELECT FROM nexus_event e
             WHERE e.run_id = r.id AND e.kind = 'order.escalated' AND e.data ->> 'to' = 'board'
               AND e.at >= r.paused_at)) AS call
  FROM (
    SELECT count(*) FILTER (WHERE t.wait ->> 'code' = %(asks)s) AS question,
           count(DISTINCT (t.wait -> 'detail' ->> 'scope', t.wait -> 'detail' ->> 'key'))
               FILTER (WHERE t.wait ->> 'code' = %(money)s) AS money,
           count(*) FILTER (WHERE coalesce(t.wait ->> 'code', '') NOT IN (%(asks)s, %(money)s, 'approval')) AS wait
      FROM nexus_run r JOIN nexus_task t ON t.run_id = r.id
     WHERE r.state = 'open' AND t.state = 'waiting_approval'
  ) w

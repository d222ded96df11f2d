-- waiting --
-- What waits for a budget, one row per scope, the one that waits longest first.
SELECT w.kind, w.key, b.limit_usd, coalesce(b.spent, 0), coalesce(b.reserved, 0), b.going_on_at IS NOT NULL,
       w.tasks, w.runs, w.needed, w.needed_in_all,
       (SELECT max(a.finished_at) FROM nexus_attempt a WHERE a.task_id = w.first_task) AS since
  FROM (SELECT t.wait -> 'detail' ->> 'scope' AS kind, t.wait -> 'detail' ->> 'key' AS key,
               count(*) AS tasks, count(DISTINCT t.run_id) AS runs, min(t.id) AS first_task,
               max((t.wait -> 'detail' ->> 'needed')::numeric) AS needed,
               sum((t.wait -> 'detail' ->> 'needed')::numeric) AS needed_in_all
          FROM nexus_task t
         WHERE t.state = 'waiting_approval' AND (t.wait -> 'code') = '"budget_exceeded"'::jsonb
           AND (t.wait -> 'detail' ->> 'needed') IS NOT NULL
         GROUP BY 1, 2) w
  LEFT JOIN billing_budget b ON b.kind = w.kind AND b.key = w.key AND b.period = 'all'
 ORDER BY w.first_task

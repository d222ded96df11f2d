-- nexus_go_on: the task that a worker of this queue may go on with in this run, or null.
--
-- Only when it is the only READY one of its run in that queue: what a fan-out frees is rung together,
-- as one canvas. And not while a task of higher priority waits in the queue: that one is first.
-- A paused or cancelled run goes nowhere.
CREATE OR REPLACE FUNCTION nexus_go_on(p_run bigint, p_queue text, p_priority int)
RETURNS bigint LANGUAGE sql AS $$
    SELECT min(t.id)
      FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
     WHERE t.run_id = p_run AND t.queue = p_queue AND t.state = 'ready'
       AND r.state = 'open' AND r.cancel_requested_at IS NULL AND r.paused_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM nexus_task o
                        WHERE o.queue = p_queue AND o.state = 'ready' AND o.priority > p_priority)
    HAVING count(*) = 1
$$;

-- nexus_pick: the task that a worker which completes p_parent goes on with in the same run, or null.
--
-- The best of what is READY in this queue already and of what this completion frees there. Not while a task
-- of higher priority, of a run that moves, waits in the queue: that one is first, so the worker asks the queue.
-- The caller holds the run's row: whatever else changes a task of it waits.
CREATE OR REPLACE FUNCTION nexus_pick(p_run bigint, p_queue text, p_children bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_pick bigint;
    v_priority int;
BEGIN
    SELECT c.id, c.priority INTO v_pick, v_priority FROM (
        (SELECT id, priority FROM nexus_task
          WHERE run_id = p_run AND queue = p_queue AND state = 'ready'
          ORDER BY priority DESC, id LIMIT 1)
        UNION ALL
        (SELECT id, priority FROM nexus_task
          WHERE id = ANY (p_children) AND queue = p_queue AND state = 'pending' AND deps_left = 1
            AND (not_before IS NULL OR not_before <= clock_timestamp())
          ORDER BY priority DESC, id LIMIT 1)
    ) c ORDER BY c.priority DESC, c.id LIMIT 1;
    IF v_pick IS NULL OR EXISTS (
        SELECT 1 FROM nexus_task o JOIN nexus_run q ON q.id = o.run_id
         WHERE o.queue = p_queue AND o.state = 'ready' AND o.priority > v_priority
           AND q.state = 'open' AND q.cancel_requested_at IS NULL AND q.paused_at IS NULL) THEN
        RETURN NULL;
    END IF;
    RETURN v_pick;
END $$;

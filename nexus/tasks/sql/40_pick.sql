-- nexus_pick: the task that a worker which completes the parent of p_children goes on with in the same run, or null.
--
-- The best of what is READY in this queue already and of what this completion frees there. Not while a task
-- of higher priority, of a run that moves, waits in the queue: that one is first, so the worker asks the queue.
-- Nor where the best has an exclusive key: the queue is asked for that, and gives it with its key or not at all.
-- The caller holds the run's row: whatever else changes a task of it waits.
CREATE OR REPLACE FUNCTION nexus_pick(p_run bigint, p_queue text, p_children bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_pick bigint;
    v_priority int;
    v_key text;
    v_freed bigint;
    v_freed_priority int;
    v_freed_key text;
    v_best int;
BEGIN
    SELECT x.id, x.priority, x.exclusive INTO v_pick, v_priority, v_key FROM nexus_task x
     WHERE x.run_id = p_run AND x.run_id > 0 AND x.queue = p_queue AND x.state = 'ready'
       AND (x.exclusive IS NULL OR NOT EXISTS (
            SELECT 1 FROM nexus_task h WHERE h.exclusive = x.exclusive AND h.state = 'running'))
     ORDER BY x.priority DESC, x.id LIMIT 1;
    IF p_children <> '{}' THEN
        SELECT id, priority, exclusive INTO v_freed, v_freed_priority, v_freed_key FROM nexus_task
         WHERE id = ANY (p_children) AND queue = p_queue AND state = 'pending' AND deps_left = 1
           AND (not_before IS NULL OR not_before <= clock_timestamp())
         ORDER BY priority DESC, id LIMIT 1;
        IF v_pick IS NULL OR (v_freed_priority, -v_freed) > (v_priority, -v_pick) THEN
            v_pick := v_freed;
            v_priority := v_freed_priority;
            v_key := v_freed_key;
        END IF;
    END IF;
    IF v_pick IS NULL OR v_key IS NOT NULL THEN
        RETURN NULL;
    END IF;
    -- Nearly always nothing is more urgent: the runs are looked at only where something is.
    SELECT priority INTO v_best FROM nexus_task WHERE queue = p_queue AND state = 'ready' AND priority >= 0
     ORDER BY priority DESC, id LIMIT 1;
    IF v_best > v_priority THEN
        PERFORM 1 FROM nexus_task o JOIN nexus_run q ON q.id = o.run_id
          WHERE o.queue = p_queue AND o.state = 'ready' AND o.priority > v_priority AND o.priority >= 0
            AND q.finished_at IS NULL AND q.cancel_requested_at IS NULL AND q.paused_at IS NULL
            AND (o.exclusive IS NULL OR NOT EXISTS (
                 SELECT 1 FROM nexus_task h WHERE h.exclusive = o.exclusive AND h.state = 'running')) LIMIT 1;
        IF FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    RETURN v_pick;
END $$;

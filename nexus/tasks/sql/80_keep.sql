-- nexus_keep: whether an execution may go on, for statements that do something on its behalf. Returns
--
-- held        its run moves and its fence is the task's: with p_lock nobody can change that until the caller commits
-- cancelled   the run is being cancelled, or is no more
-- paused      the run is paused
-- lost        another worker may have the task
--
-- The run is asked and not locked, so a cancel or a pause that commits right after goes unseen: the next question of
-- this execution sees it. The task's row is locked before anything that the caller writes.
CREATE OR REPLACE FUNCTION nexus_keep(p_task bigint, p_run bigint, p_fence bigint, p_lock boolean)
RETURNS text LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_cancelled boolean;
    v_paused boolean;
BEGIN
    SELECT cancel_requested_at IS NOT NULL, paused_at IS NOT NULL INTO v_cancelled, v_paused
      FROM nexus_run WHERE id = p_run;
    IF NOT FOUND OR v_cancelled THEN
        RETURN 'cancelled';
    ELSIF v_paused THEN
        RETURN 'paused';
    ELSIF p_lock THEN
        PERFORM 1 FROM nexus_task WHERE id = p_task AND fence = p_fence AND state = 'running' FOR NO KEY UPDATE;
    ELSE
        PERFORM 1 FROM nexus_task WHERE id = p_task AND fence = p_fence AND state = 'running';
    END IF;
    RETURN CASE WHEN FOUND THEN 'held' ELSE 'lost' END;
END $$;

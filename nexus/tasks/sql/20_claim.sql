-- nexus_claim: take the task that a doorbell named, or null.
--
-- Most needless doorbells end at the first line, without a lock. The run is locked before its
-- task, as everywhere. READ COMMITTED gives each statement of a function its own snapshot, so
-- what a settle that we waited for has written is seen.
--
-- Sequential scans are off in the hot functions, and each index of READY tasks names in its condition the question that
-- it is for (priority >= 0; ring_at IS NOT NULL; run_id > 0): a session that planned while the tables were young would else go
-- through every row, or every READY one, for as long as it lives. A finished run is one whose state is not open.
CREATE OR REPLACE FUNCTION nexus_claim(p_task bigint, p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_run bigint;
BEGIN
    SELECT run_id INTO v_run FROM nexus_task WHERE id = p_task AND state = 'ready';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM nexus_run
      WHERE id = v_run AND state = 'open' AND cancel_requested_at IS NULL AND paused_at IS NULL
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN nexus_start(p_task, p_holder, p_delivery, p_lease);
END $$;

-- nexus_claim_next: take the best READY task of a queue: highest priority, then oldest; or null.
--
-- What is not due to be rung yet is left to the worker that has a head start on it, or to the canvas that is about
-- to ring it: two workers in one run would stand in each other's way for the length of every commit.
--
-- This makes doorbells interchangeable: a lost one is made good by the next. It takes the task
-- and its run together and skips whatever others hold, so it never waits and cannot deadlock,
-- though it meets the task before the run, and may be called with another run held.
CREATE OR REPLACE FUNCTION nexus_claim_next(p_queue text, p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_task bigint;
BEGIN
    SELECT t.id INTO v_task
      FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
     WHERE t.queue = p_queue AND t.state = 'ready' AND t.priority >= 0 AND (t.ring_at <= clock_timestamp() OR t.rings > 0)
       AND r.finished_at IS NULL AND r.cancel_requested_at IS NULL AND r.paused_at IS NULL
     ORDER BY t.priority DESC, t.id
     LIMIT 1
       FOR NO KEY UPDATE OF t, r SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN nexus_start(v_task, p_holder, p_delivery, p_lease);
END $$;

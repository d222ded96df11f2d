-- nexus_alone: may this READY task run now, as the only one that has its exclusive key?
--
-- The key is held by the task that runs with it, so by a lease: a holder that dies is rescued, and the key is free.
-- Two workers may come here with two tasks of one key at the same moment. One of them gets the key's lock, which it
-- keeps until it commits; the other is refused. Who comes after that commit sees a running task. Behind both stands
-- the unique index task_runs_alone_with_its_key.
-- Who is refused has spent the task's bell: it is due again, and the dispatcher rings when the key is free.
CREATE OR REPLACE FUNCTION nexus_alone(p_task bigint, p_key text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock(1314409811, hashtext(p_key)) THEN
        PERFORM 1 FROM nexus_task WHERE exclusive = p_key AND state = 'running';
        IF NOT FOUND THEN
            RETURN true;
        END IF;
    END IF;
    UPDATE nexus_task SET ring_at = clock_timestamp(), rings = 0 WHERE id = p_task AND state = 'ready';
    RETURN false;
END $$;

-- nexus_best: lock the best READY task of a queue, and its run: highest priority, then oldest; or null.
--
-- p_least, p_most   among priorities from, and to
-- p_before          among tasks with a smaller id
--
-- What is not due to be rung yet is left to the worker that has a head start on it, or to the canvas that is about
-- to ring it: two workers in one run would stand in each other's way for the length of every commit.
--
-- It takes the task and its run together and skips whatever others hold, so it never waits, though it meets the task
-- before the run, and may be called with another run held. A task that is skipped for its run stays locked until the
-- caller's commit, or the end of its block: whoever waits for anything after this lets go first, see nexus_claim.
CREATE OR REPLACE FUNCTION nexus_best(p_queue text, p_least int, p_most int, p_before bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_task bigint;
    v_key text;
    v_refused bigint[] := '{}';
BEGIN
    LOOP
        SELECT t.id, t.exclusive INTO v_task, v_key
          FROM nexus_task t JOIN nexus_run r ON r.id = t.run_id
         WHERE t.queue = p_queue AND t.state = 'ready' AND t.priority >= 0
           AND t.priority BETWEEN p_least AND p_most AND t.id < p_before
           AND (t.ring_at <= clock_timestamp() OR t.rings > 0)
           AND r.finished_at IS NULL AND r.cancel_requested_at IS NULL AND r.paused_at IS NULL
           AND t.id <> ALL (v_refused)
           AND (t.exclusive IS NULL OR NOT EXISTS (
                SELECT 1 FROM nexus_task h WHERE h.exclusive = t.exclusive AND h.state = 'running'))
         ORDER BY t.priority DESC, t.id
         LIMIT 1
           FOR NO KEY UPDATE OF t, r SKIP LOCKED;
        IF NOT FOUND OR v_key IS NULL OR nexus_alone(v_task, v_key) THEN
            RETURN v_task;
        END IF;
        v_refused := v_refused || v_task;
    END LOOP;
END $$;

-- nexus_claim_beside: take the best of what was rung beside this task, in its run and queue; or null.
--
-- Another doorbell came to the task in turn, so this one goes to what that was for. Fifty workers that are rung for
-- fifty tasks of one run wait here for the run one after the other, and each gets one: whoever asked the queue, which
-- skips what others hold, would find nothing while all of them are about to begin, and its bell would be spent.
-- No other row is held, so nobody waits in a circle.
CREATE OR REPLACE FUNCTION nexus_claim_beside(t nexus_task, p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_task bigint;
BEGIN
    PERFORM 1 FROM nexus_task x WHERE x.run_id = t.run_id AND x.run_id > 0 AND x.queue = t.queue AND x.state = 'ready'
       AND x.exclusive IS NULL AND (x.ring_at <= clock_timestamp() OR x.rings > 0) LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM nexus_run
      WHERE id = t.run_id AND state = 'open' AND cancel_requested_at IS NULL AND paused_at IS NULL
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT x.id INTO v_task FROM nexus_task x
     WHERE x.run_id = t.run_id AND x.run_id > 0 AND x.queue = t.queue AND x.state = 'ready'
       AND x.exclusive IS NULL AND (x.ring_at <= clock_timestamp() OR x.rings > 0)
     ORDER BY x.priority DESC, x.id LIMIT 1;
    RETURN CASE WHEN FOUND THEN nexus_start(v_task, p_holder, p_delivery, p_lease) END;
END $$;

-- nexus_claim: take this task; or, in turn, one of its queue that comes before it; or null.
--
-- Most needless doorbells end at the first line, without a lock. The run is locked before its
-- task, as everywhere. READ COMMITTED gives each statement of a function its own snapshot, so
-- what a settle that we waited for has written is seen.
--
-- p_in_turn   a doorbell named it, and may be old: what has been written since with a higher priority comes first, and
--             so does what is older and was overtaken. Nearly always the named one is the head of its queue, and
--             nothing else is looked at.
--
-- Sequential scans are off in the hot functions, and each index of READY tasks names in its condition the question that
-- it is for (priority >= 0; ring_at IS NOT NULL; run_id > 0): a session that planned while the tables were young would else go
-- through every row, or every READY one, for as long as it lives. A finished run is one whose state is not open.
CREATE OR REPLACE FUNCTION nexus_claim(p_task bigint, p_holder text, p_delivery text, p_lease double precision,
                                       p_in_turn boolean)
RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    t nexus_task;
    v_head bigint;
    v_told jsonb;
BEGIN
    SELECT * INTO t FROM nexus_task WHERE id = p_task;
    IF NOT FOUND OR t.state <> 'ready' THEN
        RETURN CASE WHEN p_in_turn THEN nexus_claim_beside(t, p_holder, p_delivery, p_lease) END;
    END IF;
    IF p_in_turn THEN
        SELECT id INTO v_head FROM nexus_task WHERE queue = t.queue AND state = 'ready' AND priority >= 0
         ORDER BY priority DESC, id LIMIT 1;
    END IF;
    IF v_head <> p_task THEN
        -- A task whose run another holds is skipped, but stays locked; and whoever has the run may want it. So what
        -- was locked in vain is let go, with the block, before this waits for a run below.
        BEGIN
            v_head := coalesce(nexus_best(t.queue, t.priority + 1, 32767, 9223372036854775807),
                               nexus_best(t.queue, t.priority, t.priority, p_task));
            IF v_head IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'NX001', MESSAGE = 'nothing comes before it';
            END IF;
        EXCEPTION WHEN SQLSTATE 'NX001' THEN
            v_head := NULL;
        END;
        IF v_head IS NOT NULL THEN
            RETURN nexus_start(v_head, p_holder, p_delivery, p_lease);
        END IF;
    END IF;
    PERFORM 1 FROM nexus_run
      WHERE id = t.run_id AND state = 'open' AND cancel_requested_at IS NULL AND paused_at IS NULL
        FOR NO KEY UPDATE;
    IF NOT FOUND OR (t.exclusive IS NOT NULL AND NOT nexus_alone(p_task, t.exclusive)) THEN
        RETURN NULL;
    END IF;
    v_told := nexus_start(p_task, p_holder, p_delivery, p_lease);
    RETURN CASE WHEN v_told IS NULL AND p_in_turn THEN nexus_claim_beside(t, p_holder, p_delivery, p_lease)
                ELSE v_told END;
END $$;

-- nexus_claim_next: take the best READY task of a queue: see nexus_best; or null.
--
-- This makes doorbells interchangeable: a lost one is made good by the next.
CREATE OR REPLACE FUNCTION nexus_claim_next(p_queue text, p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_task bigint := nexus_best(p_queue, 0, 32767, 9223372036854775807);
BEGIN
    IF v_task IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN nexus_start(v_task, p_holder, p_delivery, p_lease);
END $$;

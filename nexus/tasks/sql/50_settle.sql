-- nexus_settle: end one execution of a task, and go on with the next: of the same run, else of the same queue.
--
-- p_move     completed | failed (no try is left) | retry | given_back | parked
-- p_again    seconds until the task is due again (retry, given_back)
-- p_covered  seconds that a live canvas is given to ring a child itself
-- p_head     seconds that this worker is given to come to the siblings of the task that it goes on with
-- p_go_on    the queue to go on in, or null
-- p_short    null, or the types of which it takes along what is free beside the next: see nexus_along
-- p_along    so many of them at most
--
-- The guard is the fence on the task's own row. A worker that slept past its lease finds another
-- number, or another state, and gets verdict 'fenced': nothing it says is written. Its charges are
-- (they are not written here).
-- A cancelled run cancels what comes home, whatever it brings.
-- The run is locked first, so parents of one child settle one after the other, and two last tasks too.
-- Returns the verdict, the state written, the run's last seq, the claim to go on with, if any, and those taken along,
-- if any, in how many seconds the dispatcher has something of this run to ring, if it has, and whether this settle has
-- ended the run.
CREATE OR REPLACE FUNCTION nexus_settle(
    p_task bigint, p_run bigint, p_fence bigint, p_move text,
    p_output jsonb, p_error jsonb, p_wait jsonb, p_traceback text,
    p_again double precision, p_covered double precision, p_head double precision,
    p_go_on text, p_holder text, p_delivery text, p_lease double precision,
    p_short text[] DEFAULT NULL, p_along int DEFAULT 0,
    OUT verdict text, OUT state text, OUT seq bigint, OUT next jsonb, OUT along jsonb,
    OUT ring double precision, OUT ended boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    r nexus_run;
    t nexus_task;
    n nexus_task;
    v_again timestamptz := clock_timestamp() + make_interval(secs => coalesce(p_again, 0));
    v_closed int := 0;
    v_failed int := 0;
    v_outcome text := p_move;
    v_moves boolean;
    v_children bigint[] := '{}';
    v_pick bigint;
    v_taken bigint[] := '{}';
    v_here text;
    v_freed bigint[] := '{}';
    v_now boolean := false;
    v_soon boolean := false;
    v_tasks bigint[];
    v_kinds text[];
    v_data jsonb[];
BEGIN
    SELECT * INTO r FROM nexus_run WHERE id = p_run FOR NO KEY UPDATE;
    v_moves := r.state = 'open' AND r.cancel_requested_at IS NULL AND r.paused_at IS NULL;
    state := CASE WHEN r.cancel_requested_at IS NOT NULL THEN 'cancelled'
                  WHEN p_move IN ('retry', 'given_back') THEN 'pending'
                  WHEN p_move = 'parked' THEN 'waiting_approval'
                  ELSE p_move END;
    UPDATE nexus_task AS x
       SET state = nexus_settle.state,
           output = CASE WHEN p_move = 'completed' THEN p_output ELSE x.output END,
           error = CASE WHEN p_move = 'completed' THEN NULL ELSE coalesce(p_error, x.error) END,
           wait = CASE WHEN nexus_settle.state IN ('pending', 'waiting_approval') THEN p_wait END,
           attempt = x.attempt - CASE WHEN p_move IN ('given_back', 'parked') THEN 1 ELSE 0 END,
           not_before = CASE WHEN nexus_settle.state = 'pending' THEN v_again END,
           finished_at = CASE WHEN nexus_settle.state IN ('completed', 'cancelled') THEN clock_timestamp() END
     WHERE x.id = p_task AND x.state = 'running' AND x.fence = p_fence
    RETURNING * INTO t;
    IF NOT FOUND THEN
        verdict := 'fenced';
        RETURN;
    END IF;
    verdict := 'settled';
    IF state = 'cancelled' THEN
        v_outcome := 'cancelled';
    END IF;
    DELETE FROM nexus_lease WHERE task_id = t.id AND fence = p_fence;
    UPDATE nexus_attempt
       SET finished_at = clock_timestamp(), outcome = v_outcome, error = p_error, traceback = p_traceback
     WHERE task_id = t.id AND fence = p_fence;
    v_tasks := ARRAY[t.id];
    v_kinds := ARRAY[CASE WHEN state = 'completed' THEN 'task.completed'
                          WHEN state = 'cancelled' THEN 'task.cancelled'
                          WHEN state = 'waiting_approval' THEN 'task.parked'
                          WHEN state = 'failed' THEN 'task.dead'
                          WHEN p_move = 'given_back' THEN 'task.given_back'
                          ELSE 'task.failed' END];
    v_data := ARRAY[jsonb_strip_nulls(jsonb_build_object('attempt', t.attempt, 'error', p_error, 'wait', p_wait,
                                                         'again_at', CASE WHEN state = 'pending' THEN v_again END))];
    IF state IN ('completed', 'cancelled') THEN
        v_closed := 1;
    ELSIF state = 'failed' THEN
        v_failed := 1;
        IF r.on_failure = 'fail' THEN
            v_moves := false;
            UPDATE nexus_run SET cancel_requested_at = clock_timestamp() WHERE id = r.id;
            WITH stopped AS (
                UPDATE nexus_task x SET state = 'cancelled', finished_at = clock_timestamp(), ring_at = NULL
                 WHERE x.run_id = r.id AND x.state IN ('pending', 'ready', 'waiting_approval') RETURNING x.id
            ) SELECT coalesce(array_agg(id ORDER BY id), '{}') INTO v_freed FROM stopped;
            v_closed := 1 + cardinality(v_freed);
            v_tasks := v_tasks || v_freed;
            v_kinds := v_kinds || array_fill('task.cancelled'::text, ARRAY[cardinality(v_freed)]);
            v_data := v_data || array_fill('{}'::jsonb, ARRAY[cardinality(v_freed)]);
        END IF;
    END IF;
    IF state = 'completed' THEN
        v_children := ARRAY(SELECT child_id FROM nexus_dependency WHERE parent_id = t.id);
    END IF;
    IF p_go_on IS NOT NULL AND v_moves THEN
        v_pick := nexus_pick(r.id, p_go_on, v_children);
        IF v_pick IS NOT NULL THEN
            v_here := p_go_on;
            v_taken := ARRAY[v_pick];
            IF p_short IS NOT NULL AND (v_pick <> ALL (v_children) OR cardinality(v_children) > 1) THEN
                v_taken := v_taken || nexus_along(r.id, p_go_on, v_pick, v_children, p_short, p_along);
            END IF;
        END IF;
    END IF;
    IF v_children <> '{}' THEN
        -- A child that waits for nobody else becomes READY; the one that this worker goes on with is RUNNING with
        -- the same write. Its siblings in this queue are due a moment later: short ones it will have done by then.
        WITH counted AS (
            UPDATE nexus_task c
               SET deps_left = c.deps_left - 1,
                   state = CASE WHEN c.id = ANY (v_taken) THEN 'running'
                                WHEN c.deps_left = 1 AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())
                                THEN 'ready' ELSE c.state END,
                   attempt = c.attempt + CASE WHEN c.id = ANY (v_taken) THEN 1 ELSE 0 END,
                   fence = c.fence + CASE WHEN c.id = ANY (v_taken) THEN 1 ELSE 0 END,
                   started_at = CASE WHEN c.id = ANY (v_taken) THEN coalesce(c.started_at, clock_timestamp())
                                     ELSE c.started_at END,
                   wait = CASE WHEN c.id = ANY (v_taken) THEN NULL ELSE c.wait END,
                   ring_at = CASE WHEN c.id = ANY (v_taken) THEN NULL
                                  WHEN c.deps_left = 1 AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())
                                  THEN clock_timestamp() + make_interval(secs =>
                                       CASE WHEN c.canvas_id = t.canvas_id THEN p_covered
                                            WHEN c.queue = v_here THEN p_head
                                            ELSE 0 END) END,
                   not_before = CASE WHEN c.deps_left = 1 AND c.not_before <= clock_timestamp()
                                     THEN NULL ELSE c.not_before END
             WHERE c.id = ANY (v_children) AND c.state = 'pending'
            RETURNING c.id, c.state, c.queue, coalesce(c.canvas_id = t.canvas_id, false) AS covered
        )
        SELECT coalesce(array_agg(id ORDER BY id) FILTER (WHERE c.state <> 'pending'), '{}'),
               bool_or(c.state = 'ready' AND NOT c.covered AND c.queue IS DISTINCT FROM v_here),
               bool_or(c.state = 'ready' AND NOT c.covered AND c.queue = v_here)
          INTO v_freed, v_now, v_soon FROM counted c;
        v_tasks := v_tasks || v_freed;
        v_kinds := v_kinds || array_fill('task.ready'::text, ARRAY[cardinality(v_freed)]);
        v_data := v_data || array_fill('{}'::jsonb, ARRAY[cardinality(v_freed)]);
    END IF;
    IF v_pick IS NOT NULL THEN
        IF v_pick <> ALL (v_freed) THEN
            UPDATE nexus_task x
               SET state = 'running', attempt = x.attempt + 1, fence = x.fence + 1, ring_at = NULL, wait = NULL,
                   started_at = coalesce(x.started_at, clock_timestamp())
             WHERE x.id = ANY (v_taken) AND x.state = 'ready';
        END IF;
        FOREACH v_pick IN ARRAY v_taken LOOP
            SELECT * INTO n FROM nexus_task WHERE id = v_pick;
            IF next IS NULL THEN
                next := nexus_hold(n, r.tenant, r.subject, p_holder, p_delivery, p_lease);
            ELSE
                along := coalesce(along, '[]') || nexus_hold(n, r.tenant, r.subject, p_holder, p_delivery, p_lease);
            END IF;
            v_tasks := v_tasks || n.id;
            v_kinds := v_kinds || 'task.started'::text;
            v_data := v_data || jsonb_build_object('attempt', n.attempt, 'fence', n.fence, 'worker', p_holder);
        END LOOP;
    END IF;
    INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
    SELECT r.id, r.last_seq + e.place, e.task, e.kind, e.data
      FROM unnest(v_tasks, v_kinds, v_data) WITH ORDINALITY AS e(task, kind, data, place);
    seq := nexus_close_run(r.id, r.last_seq + cardinality(v_tasks), v_closed, v_failed);
    ended := seq > r.last_seq + cardinality(v_tasks);
    IF t.exclusive IS NOT NULL THEN
        -- Its key is free with this commit: who waits for it is due, and the dispatcher is told to look.
        v_now := v_now OR EXISTS (SELECT 1 FROM nexus_task x WHERE x.exclusive = t.exclusive AND x.state = 'ready');
    END IF;
    ring := CASE WHEN v_now THEN 0 WHEN v_soon THEN p_head END;
    IF v_pick IS NULL AND p_go_on IS NOT NULL THEN
        next := nexus_claim_next(p_go_on, p_holder, p_delivery, p_lease);
    END IF;
END $$;

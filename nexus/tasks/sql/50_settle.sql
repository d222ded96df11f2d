-- nexus_settle: end one execution of a task, and go on with the next of the same run and queue.
--
-- p_move     completed | failed (no try is left) | retry | given_back | parked
-- p_again    seconds until the task is due again (retry, given_back)
-- p_covered  seconds that a live canvas is given to ring a child itself
-- p_go_on    the queue to go on in, or null
--
-- The guard is the fence on the task's own row. A worker that slept past its lease finds another
-- number, or another state, and gets verdict 'fenced': nothing it says is written. Its charges are
-- (they are not written here).
-- A cancelled run cancels what comes home, whatever it brings.
-- Returns the verdict, the state written, the run's last seq, and the task to go on with, if any.
CREATE OR REPLACE FUNCTION nexus_settle(
    p_task bigint, p_run bigint, p_fence bigint, p_move text,
    p_output jsonb, p_error jsonb, p_wait jsonb, p_traceback text,
    p_again double precision, p_covered double precision,
    p_go_on text, p_holder text, p_delivery text, p_lease double precision,
    OUT verdict text, OUT state text, OUT seq bigint, OUT next_task nexus_task)
LANGUAGE plpgsql AS $$
DECLARE
    r nexus_run;
    t nexus_task;
    v_again timestamptz := clock_timestamp() + make_interval(secs => coalesce(p_again, 0));
    v_closed int := 0;
    v_failed int := 0;
    v_outcome text := p_move;
    v_cascade int;
    v_next bigint;
BEGIN
    SELECT * INTO r FROM nexus_run WHERE id = p_run FOR NO KEY UPDATE;
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
    seq := r.last_seq + 1;
    INSERT INTO nexus_event (run_id, seq, task_id, kind, data) VALUES (
        r.id, nexus_settle.seq, t.id,
        CASE WHEN state = 'completed' THEN 'task.completed'
             WHEN state = 'cancelled' THEN 'task.cancelled'
             WHEN state = 'waiting_approval' THEN 'task.parked'
             WHEN state = 'failed' THEN 'task.dead'
             WHEN p_move = 'given_back' THEN 'task.given_back'
             ELSE 'task.failed' END,
        jsonb_strip_nulls(jsonb_build_object('attempt', t.attempt, 'error', p_error, 'wait', p_wait,
            'again_at', CASE WHEN state = 'pending' THEN v_again END)));
    IF state = 'completed' THEN
        v_closed := 1;
        seq := nexus_free_children(t.id, r.id, t.canvas_id, seq, p_covered);
    ELSIF state = 'cancelled' THEN
        v_closed := 1;
    ELSIF state = 'failed' THEN
        v_failed := 1;
        IF r.on_failure = 'fail' THEN
            UPDATE nexus_run SET cancel_requested_at = clock_timestamp() WHERE id = r.id;
            WITH stopped AS (
                UPDATE nexus_task x SET state = 'cancelled', finished_at = clock_timestamp(), ring_at = NULL
                 WHERE x.run_id = r.id AND x.state IN ('pending', 'ready', 'waiting_approval') RETURNING x.id
            ), said AS (
                INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
                SELECT r.id, nexus_settle.seq + row_number() OVER (ORDER BY id), id, 'task.cancelled', '{}' FROM stopped
                RETURNING 1
            ) SELECT count(*) INTO v_cascade FROM said;
            seq := seq + v_cascade;
            v_closed := 1 + v_cascade;
        END IF;
    END IF;
    seq := nexus_close_run(r.id, seq, v_closed, v_failed);
    v_next := nexus_go_on(r.id, p_go_on, t.priority);
    -- Ring now what is due now; when we go on with the only one, nobody needs to be woken.
    IF state = 'completed' AND EXISTS (
        SELECT 1 FROM nexus_task x WHERE x.run_id = r.id AND x.state = 'ready' AND x.ring_at <= clock_timestamp()
           AND x.id IS DISTINCT FROM v_next) THEN
        PERFORM pg_notify('nexus_ring', '');
    END IF;
    IF v_next IS NOT NULL THEN
        SELECT * INTO next_task FROM nexus_start(v_next, p_holder, p_delivery, p_lease);
        seq := seq + 1;
    END IF;
END $$;

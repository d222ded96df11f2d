-- nexus_start: READY -> RUNNING for one task, inside the caller's statement.
--
-- The caller holds the run's row, so no cancel, pause or settle of this run is under way.
-- Two workers may call this for one task: the second finds no READY row and gets nothing.
-- The fence goes up here and nowhere else; it is what refuses a late worker at settle.
CREATE OR REPLACE FUNCTION nexus_start(p_task bigint, p_holder text, p_delivery text, p_lease double precision)
RETURNS SETOF nexus_task LANGUAGE plpgsql AS $$
DECLARE
    t nexus_task;
    v_seq bigint;
BEGIN
    UPDATE nexus_task
       SET state = 'running', attempt = attempt + 1, fence = fence + 1, ring_at = NULL, wait = NULL,
           started_at = coalesce(started_at, clock_timestamp())
     WHERE id = p_task AND state = 'ready'
    RETURNING * INTO t;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO nexus_lease (task_id, fence, holder, delivery, expires_at)
    VALUES (t.id, t.fence, p_holder, p_delivery, clock_timestamp() + make_interval(secs => p_lease));
    INSERT INTO nexus_attempt (task_id, number, fence, worker)
    VALUES (t.id, t.attempt, t.fence, p_holder);
    UPDATE nexus_run SET last_seq = last_seq + 1, started_at = coalesce(started_at, clock_timestamp())
     WHERE id = t.run_id
    RETURNING last_seq INTO v_seq;
    INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
    VALUES (t.run_id, v_seq, t.id, 'task.started',
            jsonb_build_object('attempt', t.attempt, 'fence', t.fence, 'worker', p_holder));
    RETURN NEXT t;
END $$;

-- nexus_told: a claim as JSON, as nexus/tasks/claims.py reads it.
CREATE OR REPLACE FUNCTION nexus_told(t nexus_task, p_tenant text, p_subject text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'task_id', t.id, 'run_id', t.run_id, 'tenant', p_tenant, 'subject', p_subject, 'key', t.key, 'type', t.type,
        'queue', t.queue, 'priority', t.priority, 'input', t.input, 'attempt', t.attempt,
        'max_attempts', t.max_attempts, 'fence', t.fence, 'timeout', t.timeout)
$$;

-- nexus_hold: open the lease and the attempt of a task that the caller has just made RUNNING, and tell the
-- claim: what the worker is given.
--
-- The caller holds the run's row. The primary key of the lease and the unique (task, fence) of the attempt
-- refuse what the caller's guard should have.
CREATE OR REPLACE FUNCTION nexus_hold(t nexus_task, p_tenant text, p_subject text,
                                      p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO nexus_lease (task_id, fence, holder, delivery, expires_at)
    VALUES (t.id, t.fence, p_holder, p_delivery, clock_timestamp() + make_interval(secs => p_lease));
    INSERT INTO nexus_attempt (task_id, number, fence, worker) VALUES (t.id, t.attempt, t.fence, p_holder);
    RETURN nexus_told(t, p_tenant, p_subject);
END $$;

-- nexus_start: READY -> RUNNING for one task, inside the caller's statement; null when it is not READY.
--
-- The caller holds the run's row, so no cancel, pause or settle of this run is under way.
-- Two workers may call this for one task: the second finds no READY row and gets nothing.
-- The fence goes up with every claim, here and in nexus_settle; it is what refuses a late worker.
CREATE OR REPLACE FUNCTION nexus_start(p_task bigint, p_holder text, p_delivery text, p_lease double precision)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    t nexus_task;
    r nexus_run;
BEGIN
    UPDATE nexus_task
       SET state = 'running', attempt = attempt + 1, fence = fence + 1, ring_at = NULL, wait = NULL,
           started_at = coalesce(started_at, clock_timestamp())
     WHERE id = p_task AND state = 'ready'
    RETURNING * INTO t;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE nexus_run SET last_seq = last_seq + 1, started_at = coalesce(started_at, clock_timestamp())
     WHERE id = t.run_id
    RETURNING * INTO r;
    INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
    VALUES (t.run_id, r.last_seq, t.id, 'task.started',
            jsonb_build_object('attempt', t.attempt, 'fence', t.fence, 'worker', p_holder));
    RETURN nexus_hold(t, r.tenant, r.subject, p_holder, p_delivery, p_lease);
END $$;

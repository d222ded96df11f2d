-- nexus_free_children: one parent of these is completed; what waits for no other becomes READY.
--
-- The caller holds the run's row: parents of one child settle one after the other. A child that the
-- same canvas carries as its parent is about to be rung by Celery, so the dispatcher gives it
-- p_covered seconds; any other is due at once. Returns the last seq; p_seq is the one before.
CREATE OR REPLACE FUNCTION nexus_free_children(p_parent bigint, p_run bigint, p_canvas bigint, p_seq bigint,
                                               p_covered double precision)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_freed int;
BEGIN
    WITH counted AS (
        UPDATE nexus_task c
           SET deps_left = c.deps_left - 1,
               state = CASE WHEN c.deps_left = 1 AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())
                            THEN 'ready' ELSE c.state END,
               ring_at = CASE WHEN c.deps_left = 1 AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())
                              THEN clock_timestamp() + make_interval(
                                   secs => CASE WHEN c.canvas_id = p_canvas THEN p_covered ELSE 0 END) END,
               not_before = CASE WHEN c.deps_left = 1 AND c.not_before <= clock_timestamp()
                                 THEN NULL ELSE c.not_before END
          FROM nexus_dependency d
         WHERE d.parent_id = p_parent AND c.id = d.child_id AND c.state = 'pending'
        RETURNING c.id, c.state
    ), said AS (
        INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
        SELECT p_run, p_seq + row_number() OVER (ORDER BY id), id, 'task.ready', '{}'
          FROM counted WHERE state = 'ready'
        RETURNING 1
    )
    SELECT count(*) INTO v_freed FROM said;
    RETURN p_seq + v_freed;
END $$;

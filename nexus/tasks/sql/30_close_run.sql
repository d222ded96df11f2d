-- nexus_close_run: write the run's new totals and, when nothing is open any more, close it.
--
-- The caller holds the run's row and has appended events up to p_seq. Returns the last seq.
-- Two last tasks cannot miss each other here: the second waited for the run's row and counts
-- what the first left.
CREATE OR REPLACE FUNCTION nexus_close_run(p_run bigint, p_seq bigint, p_closed int, p_failed int)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    r nexus_run;
BEGIN
    UPDATE nexus_run
       SET open_tasks = open_tasks - p_closed, failed_tasks = failed_tasks + p_failed,
           last_seq = p_seq + CASE WHEN state = 'open' AND open_tasks = p_closed THEN 1 ELSE 0 END,
           finished_at = CASE WHEN state = 'open' AND open_tasks = p_closed THEN clock_timestamp() ELSE finished_at END,
           state = CASE WHEN state <> 'open' OR open_tasks <> p_closed THEN state
                        WHEN failed_tasks + p_failed > 0 THEN 'failed'
                        WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                        ELSE 'completed' END
     WHERE id = p_run
    RETURNING * INTO r;
    IF r.last_seq > p_seq THEN
        INSERT INTO nexus_event (run_id, seq, kind, data) VALUES (p_run, r.last_seq, 'run.' || r.state, '{}');
    END IF;
    RETURN r.last_seq;
END $$;

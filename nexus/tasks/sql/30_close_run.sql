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
       SET last_seq = p_seq, open_tasks = open_tasks - p_closed, failed_tasks = failed_tasks + p_failed
     WHERE id = p_run
    RETURNING * INTO r;
    IF r.open_tasks > 0 OR r.state <> 'open' THEN
        RETURN p_seq;
    END IF;
    UPDATE nexus_run
       SET last_seq = p_seq + 1, finished_at = clock_timestamp(),
           state = CASE WHEN r.failed_tasks > 0 THEN 'failed'
                        WHEN r.cancel_requested_at IS NOT NULL THEN 'cancelled'
                        ELSE 'completed' END
     WHERE id = p_run
    RETURNING * INTO r;
    INSERT INTO nexus_event (run_id, seq, kind, data) VALUES (p_run, r.last_seq, 'run.' || r.state, '{}');
    RETURN r.last_seq;
END $$;

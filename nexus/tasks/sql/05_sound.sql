-- nexus_task_is_sound, nexus_run_is_sound: what is true of every task, and of every run, after every statement.
--
-- Each is the one check of its table. Postgres reads the text of a check anew with every statement that writes there,
-- and a call is a short text; it keeps the body of a function as it keeps a plan.
CREATE OR REPLACE FUNCTION nexus_task_is_sound(p_state text, p_deps_left int, p_attempt int, p_finished_at timestamptz)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    -- It waits for no less than no parent; its attempts are not negative; it starts after its parents; and it is
    -- final when it is finished.
    RETURN p_deps_left >= 0 AND p_attempt >= 0
       AND (p_deps_left = 0 OR p_state NOT IN ('ready', 'running'))
       AND (p_finished_at IS NOT NULL) = (p_state IN ('completed', 'cancelled'));
END $$;

CREATE OR REPLACE FUNCTION nexus_run_is_sound(p_state text, p_open_tasks int, p_finished_at timestamptz)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    -- It counts no less than no open task, and is closed when it is finished.
    RETURN p_open_tasks >= 0 AND (p_finished_at IS NULL) = (p_state = 'open');
END $$;

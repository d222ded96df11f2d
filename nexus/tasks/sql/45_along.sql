-- nexus_along: what a worker takes along with p_pick: its siblings that are as free as it, of types that it knows to be
-- short. It does them one after the other and settles them together, see 55_settle_together.sql; so an order of short
-- steps pays for one commit where it would pay for three.
--
-- p_short    the types that have been short in that process; nothing is taken along where p_pick is of none of them
-- p_most     so many at most
--
-- Of the same priority, so that nothing that is first comes last; without an exclusive key, which one would wait for.
-- And nothing that was tried before, nor beside what was: a task that ends its worker spends once an attempt of those
-- beside it, and is alone from then on.
-- From where p_pick comes: of what this completion frees, or of what is READY in the run already.
-- The caller holds the run's row: whatever else changes a task of it waits.
CREATE OR REPLACE FUNCTION nexus_along(p_run bigint, p_queue text, p_pick bigint, p_children bigint[],
                                       p_short text[], p_most int)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    n nexus_task;
BEGIN
    SELECT * INTO n FROM nexus_task WHERE id = p_pick;
    IF n.type <> ALL (p_short) OR n.attempt > 0 THEN
        RETURN '{}';
    ELSIF n.state = 'pending' THEN
        RETURN ARRAY(
            SELECT id FROM nexus_task
             WHERE id = ANY (p_children) AND id <> p_pick AND queue = p_queue AND state = 'pending' AND deps_left = 1
               AND (not_before IS NULL OR not_before <= clock_timestamp())
               AND priority = n.priority AND attempt = 0 AND exclusive IS NULL AND type = ANY (p_short)
             ORDER BY id LIMIT p_most);
    END IF;
    RETURN ARRAY(
        SELECT id FROM nexus_task
         WHERE run_id = p_run AND run_id > 0 AND id <> p_pick AND queue = p_queue AND state = 'ready'
           AND priority = n.priority AND attempt = 0 AND exclusive IS NULL AND type = ANY (p_short)
         ORDER BY id LIMIT p_most);
END $$;

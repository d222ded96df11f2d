-- nexus_take_bells: put off the bells of due READY tasks, up to p_room of each queue; tell them and what waits behind.
--
-- One statement, so no row is held while anybody thinks. Several dispatchers take different rows: each skips what
-- another is putting off, and finds it put off afterwards. A queue that holds ten thousand cannot hide the others'.
-- Nobody is rung for a task whose exclusive key another one has: it stays due until that is free.
-- What a crash of the database forgets of this is rung once more: so its commit does not wait for the disk.
--
-- p_again, p_longest   seconds to the next bell of a task: the first time, doubled with each, and at most
-- p_unless_at_work     not while any worker holds a task: it may take by itself what a bell would be spent on
-- Returns null when nothing is due, {at_work: true} when somebody is at work who must not be, else {due: [{id, run, key, queue, rings}], pending: the same with deps_left and
-- delayed, of the same runs, edges: [[parent, child, whether the parent is running]] into the pending ones}.
CREATE OR REPLACE FUNCTION nexus_take_bells(p_queues text[], p_room int[], p_again double precision,
                                            p_longest double precision, p_unless_at_work boolean DEFAULT false)
RETURNS jsonb LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_due jsonb;
    v_runs bigint[];
BEGIN
    IF p_unless_at_work AND EXISTS (SELECT FROM nexus_lease) THEN
        RETURN '{"at_work": true}';
    END IF;
    WITH due AS (
        SELECT t.id, t.rings FROM unnest(p_queues, p_room) AS q(name, room)
         CROSS JOIN LATERAL (
            SELECT x.id, x.rings FROM nexus_task x JOIN nexus_run r ON r.id = x.run_id
             WHERE x.queue = q.name AND x.state = 'ready' AND x.ring_at <= clock_timestamp()
               AND r.paused_at IS NULL AND r.cancel_requested_at IS NULL
               AND (x.exclusive IS NULL OR NOT EXISTS (
                    SELECT 1 FROM nexus_task h WHERE h.exclusive = x.exclusive AND h.state = 'running'))
             ORDER BY x.ring_at, x.priority DESC, x.id LIMIT q.room
               FOR NO KEY UPDATE OF x SKIP LOCKED) t
    ), taken AS (
        UPDATE nexus_task t
           SET rings = t.rings + 1,
               ring_at = clock_timestamp() + make_interval(secs => least(p_again * 2 ^ least(due.rings, 10), p_longest))
          FROM due WHERE t.id = due.id
        RETURNING t.id, t.run_id, t.key, t.queue, due.rings
    )
    SELECT jsonb_agg(jsonb_build_object('id', id, 'run', run_id, 'key', key, 'queue', queue, 'rings', rings) ORDER BY id),
           array_agg(DISTINCT run_id)
      INTO v_due, v_runs FROM taken;
    IF v_due IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN jsonb_build_object(
        'due', v_due,
        'pending', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                               'id', id, 'run', run_id, 'key', key, 'queue', queue, 'rings', rings,
                               'deps_left', deps_left, 'delayed', not_before IS NOT NULL)), '[]')
                      FROM nexus_task WHERE run_id = ANY (v_runs) AND state = 'pending' AND deps_left > 0),
        'edges', (SELECT coalesce(jsonb_agg(jsonb_build_array(p.id, c.id, p.state = 'running') ORDER BY d.id), '[]')
                    FROM nexus_task c JOIN nexus_dependency d ON d.child_id = c.id JOIN nexus_task p ON p.id = d.parent_id
                   WHERE c.run_id = ANY (v_runs) AND c.state = 'pending'));
END $$;

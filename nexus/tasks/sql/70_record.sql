-- nexus_record: write canvases, and mark the tasks that Celery brings along with each.
--
-- p_canvases [{run, kind, shape, carries: [task ids]}]
-- A carried task may be held by a settle or a cancel: it is skipped and not waited for. It is rung by the
-- dispatcher, when it is READY, in place of by this canvas.
CREATE OR REPLACE FUNCTION nexus_record(p_canvases jsonb)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    c record;
    v_canvas bigint;
BEGIN
    -- Told to people, and a crash of the database that forgets it has lost no work.
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR c IN SELECT * FROM jsonb_to_recordset(p_canvases) AS d(run bigint, kind text, shape jsonb, carries bigint[]) LOOP
        INSERT INTO nexus_canvas (run_id, kind, shape) VALUES (c.run, c.kind, c.shape) RETURNING id INTO v_canvas;
        IF c.carries <> '{}' THEN
            UPDATE nexus_task SET canvas_id = v_canvas
             WHERE id IN (SELECT id FROM nexus_task WHERE id = ANY (c.carries) AND state NOT IN ('completed', 'cancelled')
                           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED);
        END IF;
    END LOOP;
END $$;

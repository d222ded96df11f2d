-- nexus_add: write tasks into runs that the caller has written or locked, with their edges, their first
-- events and the runs' totals. One statement per table, however many.
--
-- p_tasks    [{n, key, type, title, queue, priority, max_attempts, timeout, not_before, input, parents: [places],
--            after: [keys], exclusive}];
--            n is the place of its run in p_runs, and parents those of tasks in p_tasks, from 1; after, which may be
--            left out, are the keys of parents in its run, whether they are there already or in p_tasks
-- p_said     [{kind, data, task}] what each run is told first, in the order of p_runs
-- p_rung     null, and what is READY is due to be rung; or the caller rings it, and it is due again in so many seconds
-- Returns the last seq of each run, in the order of p_runs.
CREATE OR REPLACE FUNCTION nexus_add(p_runs bigint[], p_tasks jsonb, p_said jsonb,
                                     p_rung double precision DEFAULT NULL)
RETURNS bigint[] LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ids bigint[];
    v_of bigint[];
    v_ready bigint[];
    v_ready_of bigint[];
    v_seqs bigint[];
BEGIN
    WITH fresh AS (
        INSERT INTO nexus_task (run_id, key, type, title, queue, priority, state, deps_left, attempt, max_attempts,
                                not_before, ring_at, rings, fence, input, timeout, exclusive, created_at)
        SELECT d.run, s.key, s.type, s.title, s.queue, s.priority,
               CASE WHEN d.waits > 0 OR s.not_before > v_now THEN 'pending' ELSE 'ready' END,
               d.waits, 0, s.max_attempts, s.not_before,
               CASE WHEN d.waits > 0 OR s.not_before > v_now THEN NULL
                    ELSE v_now + make_interval(secs => coalesce(p_rung, 0)) END,
               CASE WHEN d.waits > 0 OR s.not_before > v_now OR p_rung IS NULL THEN 0 ELSE 1 END,
               0, s.input, s.timeout, s.exclusive, v_now
          FROM ROWS FROM (jsonb_to_recordset(p_tasks) AS (
                   n int, key text, type text, title text, queue text, priority int, max_attempts int,
                   timeout double precision, not_before timestamptz, input jsonb, parents int[], after text[],
                   exclusive text))
               WITH ORDINALITY AS s(n, key, type, title, queue, priority, max_attempts, timeout, not_before, input,
                                    parents, after, exclusive, place),
               LATERAL (SELECT p_runs[s.n] AS run,
                               coalesce(cardinality(s.parents), 0) + CASE WHEN s.after IS NULL THEN 0 ELSE (
                                   SELECT count(*) FROM unnest(s.after) AS a(key)
                                    WHERE NOT EXISTS (SELECT 1 FROM nexus_task x
                                                       WHERE x.run_id = p_runs[s.n] AND x.key = a.key
                                                         AND x.state = 'completed')) END AS waits) d
         ORDER BY s.place
        RETURNING id, run_id, state
    )
    -- The rows got their ids in the order of their places.
    SELECT array_agg(id ORDER BY id), array_agg(run_id ORDER BY id),
           array_agg(id ORDER BY id) FILTER (WHERE state = 'ready'),
           array_agg(run_id ORDER BY id) FILTER (WHERE state = 'ready')
      INTO v_ids, v_of, v_ready, v_ready_of FROM fresh;
    INSERT INTO nexus_dependency (parent_id, child_id)
    SELECT v_ids[p.place], v_ids[s.place]
      FROM ROWS FROM (jsonb_to_recordset(p_tasks) AS (parents int[])) WITH ORDINALITY AS s(parents, place)
      CROSS JOIN LATERAL unnest(s.parents) AS p(place);
    IF p_tasks @? '$[*].after' THEN
        INSERT INTO nexus_dependency (parent_id, child_id)
        SELECT p.id, v_ids[s.place]
          FROM ROWS FROM (jsonb_to_recordset(p_tasks) AS (n int, after text[])) WITH ORDINALITY AS s(n, after, place)
          CROSS JOIN LATERAL unnest(s.after) AS a(key)
          JOIN nexus_task p ON p.run_id = p_runs[s.n] AND p.key = a.key;
    END IF;
    WITH said AS (
        SELECT p_runs[d.place] AS run, 0 AS turn, 0::bigint AS id, d.said
          FROM jsonb_array_elements(p_said) WITH ORDINALITY AS d(said, place)
        UNION ALL
        SELECT t.run, 1, t.id, jsonb_build_object('kind', 'task.ready', 'task', t.id, 'data', '{}'::jsonb)
          FROM unnest(v_ready_of, v_ready) AS t(run, id)
    ), counted AS (
        UPDATE nexus_run r
           SET open_tasks = r.open_tasks + (SELECT count(*) FROM unnest(v_of) AS u(run) WHERE u.run = r.id),
               last_seq = r.last_seq + (SELECT count(*) FROM said s WHERE s.run = r.id)
         WHERE r.id = ANY (p_runs)
        RETURNING r.id, r.last_seq
    ), told AS (
        INSERT INTO nexus_event (run_id, seq, task_id, kind, data)
        SELECT s.run,
               c.last_seq - count(*) OVER (PARTITION BY s.run)
                          + row_number() OVER (PARTITION BY s.run ORDER BY s.turn, s.id),
               (s.said->>'task')::bigint, s.said->>'kind', s.said->'data'
          FROM said s JOIN counted c ON c.id = s.run
    )
    SELECT array_agg(c.last_seq ORDER BY u.place) INTO v_seqs
      FROM counted c JOIN unnest(p_runs) WITH ORDINALITY AS u(id, place) ON u.id = c.id;
    RETURN v_seqs;
END $$;

-- nexus_submit: write runs with their tasks, in the caller's transaction. See nexus_add for p_tasks.
--
-- p_runs     [{tenant, subject, priority, on_failure, data}]; data is told with run.submitted
-- p_carried  null; or of one run, one task of which is READY: the keys that its doorbell carries. If nobody is at work,
--            who could take it by himself, and nobody waits in its queue, it counts as rung, and its canvas is told
--            here: the caller rings it after the commit
-- p_again    seconds until it is due again, should the caller not come to it
--
-- Two that file at the same moment may both find the queue empty: then it has two bells for two tasks.
-- Returns id and last seq of each, in the order given, and what the caller has to ring: {task, key, queue, id} or null.
CREATE OR REPLACE FUNCTION nexus_submit(p_runs jsonb, p_tasks jsonb, p_carried jsonb DEFAULT NULL,
                                        p_again double precision DEFAULT NULL)
RETURNS TABLE (id bigint, seq bigint, created_at timestamptz, bell jsonb)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_now timestamptz := clock_timestamp();
    v_ids bigint[];
    v_seqs bigint[];
    v_rung double precision;
    v_bell jsonb;
BEGIN
    WITH fresh AS (
        INSERT INTO nexus_run (tenant, subject, state, priority, on_failure, open_tasks, failed_tasks, last_seq, created_at)
        SELECT d.run->>'tenant', d.run->>'subject', 'open', (d.run->>'priority')::int, d.run->>'on_failure', 0, 0, 0, v_now
          FROM jsonb_array_elements(p_runs) WITH ORDINALITY AS d(run, place)
         ORDER BY d.place
        RETURNING nexus_run.id
    )
    SELECT array_agg(f.id ORDER BY f.id) INTO v_ids FROM fresh f;
    IF p_carried IS NOT NULL THEN
        SELECT p_again INTO v_rung FROM jsonb_to_recordset(p_tasks) AS s(key text, queue text)
         WHERE s.key = p_carried->>0
           AND NOT EXISTS (SELECT FROM nexus_lease)
           AND NOT EXISTS (SELECT FROM nexus_task o WHERE o.queue = s.queue AND o.state = 'ready' AND o.priority >= 0);
    END IF;
    v_seqs := nexus_add(v_ids, p_tasks,
                  (SELECT jsonb_agg(jsonb_build_object('kind', 'run.submitted', 'data', d.run->'data') ORDER BY d.place)
                     FROM jsonb_array_elements(p_runs) WITH ORDINALITY AS d(run, place)), v_rung);
    IF v_rung IS NOT NULL THEN
        -- The id is that of a first ring, as nexus/queues/wire.py makes it.
        SELECT jsonb_build_object('task', t.id, 'key', t.key, 'queue', t.queue, 'id', t.id || '.0')
          INTO v_bell FROM nexus_task t WHERE t.run_id = v_ids[1] AND t.key = p_carried->>0;
        INSERT INTO nexus_canvas (run_id, kind, shape)
        VALUES (v_ids[1], 'single',
                jsonb_build_object('rings', jsonb_build_array(v_bell), 'body', NULL, 'carries', p_carried));
    END IF;
    RETURN QUERY SELECT u.id, u.seq, v_now, v_bell FROM unnest(v_ids, v_seqs) AS u(id, seq);
END $$;

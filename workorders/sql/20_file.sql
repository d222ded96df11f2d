-- workorders_file: orders with their runs and first tasks, however many, in the caller's transaction. Each run's subject
-- is the id that its order is given. From here to the commit the day's counter is locked.
--
-- p_runs, p_tasks, p_carried, p_again    as nexus_submit takes them
-- p_about    {zone, orders: [{project_id, message, …}]}: the columns of each, in the order of p_runs. Those that are not
--            read here are filled later in an order's life, and begin empty
-- Returns what nexus_submit does, the subjects, and of each order {id, created_at}.
CREATE OR REPLACE FUNCTION workorders_file(p_runs jsonb, p_tasks jsonb, p_carried jsonb, p_again double precision,
                                           p_about jsonb)
RETURNS TABLE (id bigint, seq bigint, created_at timestamptz, bell jsonb, subject text, told jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_names text[] := workorders_numbers(jsonb_array_length(p_runs), p_about->>'zone');
    v_runs jsonb;
BEGIN
    SELECT jsonb_agg(d.run || jsonb_build_object(
               'subject', v_names[d.place],
               'data', d.run->'data' || jsonb_build_object('subject', v_names[d.place])) ORDER BY d.place)
      INTO v_runs FROM jsonb_array_elements(p_runs) WITH ORDINALITY AS d(run, place);
    RETURN QUERY
    WITH born AS MATERIALIZED (
        SELECT s.* FROM nexus_submit(v_runs, p_tasks, p_carried, p_again)
               WITH ORDINALITY AS s(run_id, seq, created_at, bell, place)
    ), written AS (
        INSERT INTO workorders_workorder AS o (
               public_id, project_id, run_id, message, files, attachments, acceptance, tools, budget_usd, cap_at_quote,
               priority, workflow, channel, requester, brief, intent, difficulty, owner_role, relevant_files,
               requirements, question)
        SELECT v_names[asked.place], asked.project_id, born.run_id, asked.message, asked.files, asked.attachments,
               asked.acceptance, asked.tools, asked.budget_usd, asked.cap_at_quote, asked.priority, asked.workflow,
               asked.channel, asked.requester, '', '', '', '', '[]', '[]', ''
          FROM ROWS FROM (jsonb_to_recordset(p_about->'orders') AS (
                   project_id bigint, message text, files jsonb, attachments jsonb, acceptance jsonb, tools jsonb,
                   budget_usd numeric, cap_at_quote bool, priority int, workflow text, channel text, requester text))
               WITH ORDINALITY AS asked (project_id, message, files, attachments, acceptance, tools, budget_usd,
                                         cap_at_quote, priority, workflow, channel, requester, place)
          JOIN born ON born.place = asked.place
         ORDER BY asked.place
        RETURNING o.id, o.run_id, o.created_at
    )
    SELECT b.run_id, b.seq, b.created_at, b.bell, v_names[b.place],
           jsonb_build_object('id', w.id, 'created_at', w.created_at)
      FROM born b JOIN written w ON w.run_id = b.run_id
     ORDER BY b.place;
END $$;

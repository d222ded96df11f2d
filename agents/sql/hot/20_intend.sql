-- agents_intend: the row of a question, written when it is asked for the first time, a request for it as INTENT, and
-- what is held for that; or nothing.
--
-- p_call     the columns of the call
-- p_request  the columns of the request, but for its call, its number and its state
-- verdict    held; why this execution may not go on; answered: there is an answer, in response; full: the budget full_id
--            has no room, and nothing is written
-- held       the budgets as they are then
--
-- Budgets are last, because every call of the project waits for its budget's row until this commits. It need not wait for
-- the disk: nothing leaves before agents_let_go has committed, which then brings all that was written before it to the
-- disk. Should Postgres die in between and forget the intent, there is none to let go.
CREATE OR REPLACE FUNCTION agents_intend(
    p_task bigint, p_run bigint, p_fence bigint, p_call jsonb, p_request jsonb,
    p_kinds text[], p_keys text[], p_amount numeric,
    OUT verdict text, OUT response text, OUT call_id bigint, OUT number int, OUT full_id bigint, OUT held text)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    c agents_modelcall := jsonb_populate_record(NULL::agents_modelcall, p_call);
    q agents_modelrequest := jsonb_populate_record(NULL::agents_modelrequest, p_request);
BEGIN
    verdict := nexus_keep(p_task, p_run, p_fence, true);
    IF verdict <> 'held' THEN
        RETURN;
    END IF;
    BEGIN
        INSERT INTO agents_modelcall (task_id, step, input_hash, run_id, task_key, project, order_ref, role, created_at)
        VALUES (p_task, c.step, c.input_hash, p_run, c.task_key, c.project, c.order_ref, c.role, statement_timestamp())
        ON CONFLICT DO NOTHING
        RETURNING id INTO call_id;
        IF call_id IS NULL THEN
            SELECT x.id, x.response::text INTO call_id, response FROM agents_modelcall x
             WHERE x.task_id = p_task AND x.step = c.step AND x.input_hash = c.input_hash;
        END IF;
        IF response IS NOT NULL THEN
            verdict := 'answered';
            RETURN;
        END IF;
        SELECT coalesce(max(x.number), 0) + 1 INTO number FROM agents_modelrequest x
         WHERE x.call_id = agents_intend.call_id;
        q.call_id := call_id;
        q.number := number;
        q.state := 'INTENT';
        q.max_heard_ms := coalesce(q.max_heard_ms, 0);  -- a worker of the version before does not say it
        INSERT INTO agents_modelrequest SELECT q.*;
        SELECT x.full_id, x.held::text INTO full_id, held FROM billing_reserve(q.id, p_kinds, p_keys, p_amount) x;
        IF full_id IS NOT NULL THEN
            RAISE EXCEPTION 'no room' USING ERRCODE = 'NX001';
        END IF;
    EXCEPTION WHEN SQLSTATE 'NX001' THEN
        verdict := 'full';
    END;
    PERFORM set_config('synchronous_commit', 'off', true);
END $$;

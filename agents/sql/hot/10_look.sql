-- agents_look: all that a model call has to know before it can be drawn up, without a lock.
--
-- verdict    held, or why this execution may not go on (see nexus_keep); left: it may, but requests are still open that
--            are to be closed first: those of an earlier execution of the task, and of this one those of the same
--            question, since a handler may ask several at once. Never those of a later execution: then it is we who are
--            late, and the verdict is lost
-- response   the stored answer, where the question was asked and answered before
-- role       the role, as it is stored now; null when there is none of that name
-- lower      the role whose model it works with near the end of a budget, if it has one
-- taken      then, of each budget of the scopes, its limit and how much of it is spent
-- book       the mark of the prices of the role's provider
CREATE OR REPLACE FUNCTION agents_look(
    p_task bigint, p_run bigint, p_fence bigint, p_step int, p_hash text, p_role text, p_book text,
    p_kinds text[], p_keys text[],
    OUT verdict text, OUT response text, OUT role text, OUT lower text, OUT taken text, OUT book text)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    r agents_role;
BEGIN
    verdict := nexus_keep(p_task, p_run, p_fence, false);
    IF verdict <> 'held' THEN
        RETURN;
    END IF;
    SELECT c.response::text INTO response FROM agents_modelcall c
     WHERE c.task_id = p_task AND c.step = p_step AND c.input_hash = p_hash;
    IF FOUND OR p_fence > 1 THEN
        PERFORM 1 FROM agents_modelcall c JOIN agents_modelrequest q ON q.call_id = c.id
          WHERE c.task_id = p_task AND q.state IN ('INTENT', 'SENT')
            AND (q.fence < p_fence OR q.fence = p_fence AND c.input_hash = p_hash);
        IF FOUND THEN
            verdict := 'left';
        END IF;
    END IF;
    SELECT * INTO r FROM agents_role WHERE name = p_role;
    IF FOUND THEN
        role := to_jsonb(r)::text;
        book := billing_mark(p_book, r.provider);
        IF r.steps_down_to <> '' THEN
            SELECT to_jsonb(x)::text INTO lower FROM agents_role x WHERE x.name = r.steps_down_to;
            taken := billing_taken(p_kinds, p_keys)::text;
        END IF;
    END IF;
END $$;

-- agents_let_go: INTENT -> SENT: from here on the request may have left. Returns held, or why it must not.
--
-- Between the intent and here this execution may have been rescued, and its intent closed by the next one. Whichever of
-- the two guards we fail at, the request does not leave.
CREATE OR REPLACE FUNCTION agents_let_go(p_task bigint, p_run bigint, p_fence bigint, p_request uuid)
RETURNS text LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_verdict text := nexus_keep(p_task, p_run, p_fence, true);
BEGIN
    IF v_verdict <> 'held' THEN
        RETURN v_verdict;
    END IF;
    UPDATE agents_modelrequest SET state = 'SENT', sent_at = statement_timestamp()
     WHERE id = p_request AND state = 'INTENT';
    RETURN CASE WHEN FOUND THEN 'held' ELSE 'lost' END;
END $$;

-- agents_settle: the end of a request that was answered, with its ledger line and the answer. Not fenced: who lost the
-- task has still spent the money. Returns false, and nothing is written, when the request was charged before: somebody
-- took it for dead and booked an estimate. Without a response the question stays without an answer: somebody else is asked.
--
-- The request's row first, as everybody who closes one: two that meet wait here, before either holds money. Two executions
-- may have asked side by side, one of them fenced. The first answer stays: it is what is replayed. Budgets are last,
-- because every call of the project waits for its budget's row until this commits.
CREATE OR REPLACE FUNCTION agents_settle(
    p_request uuid, p_call bigint, p_usage jsonb, p_status int, p_provider_request text, p_response jsonb,
    p_line jsonb, p_zone text)
RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE agents_modelrequest
       SET state = 'SETTLED', closed_at = statement_timestamp(), usage = p_usage, http_status = p_status,
           provider_request_id = p_provider_request, error = NULL
     WHERE id = p_request AND state IN ('SENT', 'UNKNOWN');
    UPDATE agents_modelcall SET response = p_response, answered_at = statement_timestamp()
     WHERE id = p_call AND response IS NULL AND p_response IS NOT NULL;
    IF NOT billing_append(p_line, p_zone) THEN
        RAISE EXCEPTION 'charged before' USING ERRCODE = 'NX002';
    END IF;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'NX002' THEN
    RETURN false;
END $$;

-- billing_append: add one line to the ledger, unless this request already has it, and turn what it held into spending.
-- Returns whether the line was added.
--
-- The unique constraint is the promise that a request is charged once: a second writer waits here for the first to
-- commit, inserts nothing, and touches no budget.
--
-- p_line   the columns of the line, but for its id, its day and its time
-- p_zone   the installation's time zone: it says which day it is
CREATE OR REPLACE FUNCTION billing_append(p_line jsonb, p_zone text)
RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    l billing_ledgerentry := jsonb_populate_record(NULL::billing_ledgerentry, p_line);
BEGIN
    INSERT INTO billing_ledgerentry (
        request_id, kind, n, amount, quality, price_id, provider, model, role, project, order_ref, run_id, task_id,
        task_key, input_tokens, output_tokens, cache_write_5m, cache_write_1h, cache_read, heard_ms, day
    ) VALUES (
        l.request_id, l.kind, l.n, l.amount, l.quality, l.price_id, l.provider, l.model, l.role, l.project, l.order_ref,
        l.run_id, l.task_id, l.task_key, l.input_tokens, l.output_tokens, l.cache_write_5m, l.cache_write_1h,
        l.cache_read, coalesce(l.heard_ms, 0), (statement_timestamp() AT TIME ZONE p_zone)::date
    )
    ON CONFLICT (request_id, kind, n) DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM billing_spend(l.request_id, l.amount);
    RETURN true;
END $$;

-- append --
-- Add one line to the ledger, unless this request already has it. Returns the line's id, or no row.
--
-- The unique constraint is the promise that a request is charged once: a second writer waits here for the first to
-- commit, inserts nothing, and touches no budget.
INSERT INTO billing_ledgerentry (
    request_id, kind, n, amount, quality, price_id, provider, model, role, project, order_ref, run_id, task_id, task_key,
    input_tokens, output_tokens, cache_write_5m, cache_write_1h, cache_read, day
) VALUES (
    %(request_id)s, %(kind)s, %(n)s, %(amount)s, %(quality)s, %(price_id)s, %(provider)s, %(model)s, %(role)s, %(project)s,
    %(order)s, %(run_id)s, %(task_id)s, %(task_key)s, %(input_tokens)s, %(output_tokens)s, %(cache_write_5m)s,
    %(cache_write_1h)s, %(cache_read)s, (statement_timestamp() AT TIME ZONE %(time_zone)s)::date
)
ON CONFLICT (request_id, kind, n) DO NOTHING
RETURNING id

-- billing_reserve: hold an amount in every budget of some scopes, or in none. Returns the first budget without room; or
-- null, and the budgets as they are then.
--
-- Many calls may want the last dollar at once. Each locks the rows that it wants, by id like everybody who changes
-- budgets, so that two calls that share two budgets cannot wait for each other. What a lock was waited for is read
-- again once it is ours: whether there is room is asked of the row as the earlier ones left it.
--
-- Projects and orders always have a budget, limited or not. Two first calls of one order meet where it is inserted: both
-- insert in the same sorted order, before they lock any, and the later one waits for the earlier one to commit.
--
-- The last thing that its transaction does: every call of a project passes through that project's row, which is held
-- from here to the commit.
CREATE OR REPLACE FUNCTION billing_reserve(p_request uuid, p_kinds text[], p_keys text[], p_amount numeric,
                                           OUT full_id bigint, OUT held jsonb)
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM 1 FROM unnest(p_kinds, p_keys) AS asked(kind, key)
      WHERE asked.kind IN ('order', 'project') AND NOT EXISTS (
            SELECT 1 FROM billing_budget b WHERE b.kind = asked.kind AND b.key = asked.key AND b.period = 'all');
    IF FOUND THEN
        INSERT INTO billing_budget (kind, key, period, spent, reserved)
        SELECT asked.kind, asked.key, 'all', 0, 0 FROM unnest(p_kinds, p_keys) AS asked(kind, key)
         WHERE asked.kind IN ('order', 'project') ORDER BY asked.kind, asked.key
        ON CONFLICT (kind, key, period) DO NOTHING;
    END IF;
    WITH mine AS (
        SELECT b.id, (b.limit_usd IS NULL OR b.limit_usd >= b.spent + b.reserved + p_amount) AS has_room
          FROM unnest(p_kinds, p_keys) AS asked(kind, key) JOIN billing_budget b USING (kind, key)
         WHERE b.period = 'all'
         ORDER BY b.id FOR NO KEY UPDATE OF b
    ), told AS (
        SELECT min(id) FILTER (WHERE NOT has_room) AS first_id FROM mine
    ), moved AS (
        UPDATE billing_budget b SET reserved = b.reserved + p_amount
          FROM mine, told WHERE b.id = mine.id AND told.first_id IS NULL
        RETURNING b.*
    ), kept AS (
        INSERT INTO billing_hold (request_id, budget_id, amount, open) SELECT p_request, id, p_amount, true FROM moved
    )
    SELECT told.first_id, (SELECT jsonb_agg(jsonb_build_object(
               'id', m.id, 'kind', m.kind, 'key', m.key, 'limit', m.limit_usd, 'spent', m.spent, 'reserved', m.reserved,
               'is_warned', m.warned_at IS NOT NULL, 'is_critical', m.critical_at IS NOT NULL) ORDER BY m.id) FROM moved m)
      INTO full_id, held FROM told;
END $$;

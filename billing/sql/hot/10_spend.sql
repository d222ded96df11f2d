-- billing_spend: close what a request holds, and count what it cost in the same budgets, whether it was still held
-- there or not.
--
-- A late settle and the closing of an abandoned request may both come here. Each hold is closed by one of them only, and
-- only that one gives the reservation back: the second waits for the first, and finds no open one. Budgets are locked
-- after all holds, by id.
CREATE OR REPLACE FUNCTION billing_spend(p_request uuid, p_spent numeric)
RETURNS void LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    WITH closed AS (
        UPDATE billing_hold SET open = false WHERE request_id = p_request AND open RETURNING budget_id, amount
    ), mine AS (
        SELECT b.id, coalesce(c.amount, 0) AS freed
          FROM billing_hold h JOIN billing_budget b ON b.id = h.budget_id LEFT JOIN closed c ON c.budget_id = h.budget_id
         WHERE h.request_id = p_request
         ORDER BY b.id FOR NO KEY UPDATE OF b
    )
    UPDATE billing_budget b SET reserved = b.reserved - mine.freed, spent = b.spent + p_spent
      FROM mine WHERE b.id = mine.id AND (mine.freed <> 0 OR p_spent <> 0);
END $$;

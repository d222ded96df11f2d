-- reserve --
-- Hold an amount in one budget if it fits. Returns the budget as it is then, or no row: it does not fit.
--
-- Many calls may want the last dollar at once. Each waits here for the row, and Postgres then checks the condition
-- against the row as the earlier ones left it: who no longer fits changes nothing.
UPDATE billing_budget SET reserved = reserved + %(amount)s
 WHERE id = %(id)s AND (limit_usd IS NULL OR spent + reserved + %(amount)s <= limit_usd)
RETURNING id, kind, key, limit_usd, spent, reserved, warned_at IS NOT NULL, critical_at IS NOT NULL

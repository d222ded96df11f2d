-- reserve --
-- Hold an amount in every budget of some scopes, or in none. Returns one row: how many of the scopes that always have a
-- budget have one, and the first budget without room.
--
-- Many calls may want the last dollar at once. Each locks the rows that it wants, by id like everybody who changes
-- budgets, so that two calls that share two budgets cannot wait for each other. What a lock was waited for is read
-- again once it is ours: whether there is room is asked of the row as the earlier ones left it.
--
-- One statement, because every call of a project passes through that project's row: it is held for as long as this
-- takes, and until the commit.
WITH mine AS (
    SELECT b.id, b.kind, (b.limit_usd IS NULL OR b.limit_usd >= b.spent + b.reserved + %(amount)s) AS has_room
      FROM billing_budget b JOIN unnest(%(kinds)s::text[], %(keys)s::text[]) AS asked(kind, key) USING (kind, key)
     WHERE b.period = %(period)s
     ORDER BY b.id FOR NO KEY UPDATE OF b
), told AS (
    SELECT count(*) FILTER (WHERE kind = ANY (%(always)s::text[])) AS kept, min(id) FILTER (WHERE NOT has_room) AS full_id
      FROM mine
), moved AS (
    UPDATE billing_budget b SET reserved = b.reserved + %(amount)s
      FROM mine, told WHERE b.id = mine.id AND told.full_id IS NULL AND told.kept = %(wanted)s
    RETURNING b.id
), held AS (
    INSERT INTO billing_hold (request_id, budget_id, amount, open) SELECT %(request)s, id, %(amount)s, true FROM moved
)
SELECT kept, full_id FROM told

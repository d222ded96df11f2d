-- workorders_numbers: the next ids of today, in order, e.g. WO-20260217-0001. After 9999 the number grows a digit.
--
-- p_zone     where people here live: the day is the database's, in this zone; workers' clocks have no say.
--            now() is the start of the transaction, as created_at is: an order's id and its date agree
--
-- Never the same twice: the number lives in a row, not in a process. It takes effect with the caller's transaction, so
-- a refused order leaves no hole. Two intakes at once: the second waits at the day's row until the first commits or
-- rolls back, then counts on from what it finds. So this is called as late as the transaction allows.
CREATE OR REPLACE FUNCTION workorders_numbers(p_count int, p_zone text) RETURNS text[] LANGUAGE sql AS $$
    WITH taken AS (
        INSERT INTO workorders_dailyserial AS serial (day, last)
        VALUES ((now() AT TIME ZONE p_zone)::date, p_count)
        ON CONFLICT (day) DO UPDATE SET last = serial.last + EXCLUDED.last
        RETURNING day, last
    )
    SELECT array_agg('WO-' || to_char(t.day, 'YYYYMMDD') || '-' || lpad(n::text, greatest(4, length(n::text)), '0')
                     ORDER BY n)
      FROM taken t, generate_series(t.last - p_count + 1, t.last) AS n
$$;

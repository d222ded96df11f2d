-- billing_mark: a mark that changes with every change of a provider's prices in a book. Who has read the prices under the
-- same mark has them as they are.
CREATE OR REPLACE FUNCTION billing_mark(p_book text, p_provider text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT md5(string_agg(p.id::text || p.ctid::text || p.xmin::text, ' ' ORDER BY p.id))
      FROM billing_price p WHERE p.book = p_book AND p.provider = p_provider
$$;

-- billing_taken: of each budget that these scopes have, its limit and how much of it is spent.
CREATE OR REPLACE FUNCTION billing_taken(p_kinds text[], p_keys text[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_array(b.limit_usd, b.spent))
      FROM unnest(p_kinds, p_keys) AS asked(kind, key) JOIN billing_budget b USING (kind, key)
     WHERE b.period = 'all'
$$;

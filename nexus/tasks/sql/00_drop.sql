-- Earlier forms of these functions: CREATE OR REPLACE cannot change what a function returns or takes.
DROP FUNCTION IF EXISTS nexus_settle(bigint, bigint, bigint, text, jsonb, jsonb, jsonb, text, double precision,
    double precision, text, text, text, double precision);
DROP FUNCTION IF EXISTS nexus_free_children(bigint, bigint, bigint, bigint, double precision);
DROP FUNCTION IF EXISTS nexus_go_on(bigint, text, int);
DROP FUNCTION IF EXISTS nexus_claim(bigint, text, text, double precision);
DROP FUNCTION IF EXISTS nexus_claim_next(text, text, text, double precision);
DROP FUNCTION IF EXISTS nexus_start(bigint, text, text, double precision);
DROP FUNCTION IF EXISTS nexus_settle(bigint, bigint, bigint, text, jsonb, jsonb, jsonb, text, double precision,
    double precision, double precision, text, text, text, double precision);
DROP FUNCTION IF EXISTS nexus_take_bells(text[], int[], double precision, double precision);
DROP FUNCTION IF EXISTS nexus_add(bigint[], jsonb, jsonb);
DROP FUNCTION IF EXISTS nexus_submit(jsonb, jsonb);

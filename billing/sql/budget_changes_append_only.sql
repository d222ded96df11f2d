-- Who set which limit is kept as it was: a change is followed by another change, never edited and never removed.
CREATE FUNCTION billing_refuse_budget_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'changes of budgets are append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER budget_changes_are_append_only BEFORE UPDATE OR DELETE ON billing_budgetchange
    FOR EACH STATEMENT EXECUTE FUNCTION billing_refuse_budget_change();

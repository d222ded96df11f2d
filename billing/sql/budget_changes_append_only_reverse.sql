-- Undo budget_changes_append_only.sql.
DROP TRIGGER IF EXISTS budget_changes_are_append_only ON billing_budgetchange;
DROP FUNCTION IF EXISTS billing_refuse_budget_change();

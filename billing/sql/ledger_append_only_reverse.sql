-- Undo ledger_append_only.sql.
DROP TRIGGER IF EXISTS ledger_is_append_only ON billing_ledgerentry;
DROP FUNCTION IF EXISTS billing_refuse_ledger_change();

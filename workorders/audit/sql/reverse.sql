DROP TRIGGER IF EXISTS a_provider_key_is_audited ON agents_providerkey;
DROP TRIGGER IF EXISTS a_role_is_audited ON agents_roleversion;
DROP TRIGGER IF EXISTS a_budget_is_audited ON billing_budgetchange;
DROP TRIGGER IF EXISTS an_order_is_audited ON workorders_workorder;
DROP TRIGGER IF EXISTS an_act_is_audited ON nexus_event;
DROP TRIGGER IF EXISTS audit_is_append_only ON workorders_auditentry;
DROP FUNCTION IF EXISTS audit_provider_key, audit_role, audit_budget, audit_orders, audit_event, audit_refuse;

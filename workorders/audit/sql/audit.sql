-- The audit log is written by the database: by the tables that are the truth, in the transaction that writes them.
-- No door can forget it, and an act that is rolled back takes its entry along.

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON workorders_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- Orders come in many at a time: one statement writes the entries of all of them.
CREATE FUNCTION audit_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workorders_auditentry (at, actor, channel, action, status, project, order_ref, details)
    SELECT o.created_at, coalesce(nullif(o.requester, ''), 'nobody'), o.channel, 'order.accepted', 'success',
           o.project_id::text, o.public_id,
           jsonb_strip_nulls(jsonb_build_object('priority', o.priority, 'workflow', nullif(o.workflow, '')))
      FROM filed o ORDER BY o.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER an_order_is_audited AFTER INSERT ON workorders_workorder REFERENCING NEW TABLE AS filed
    FOR EACH STATEMENT EXECUTE FUNCTION audit_orders();

CREATE FUNCTION audit_budget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workorders_auditentry (at, actor, action, status, project, order_ref, details)
    VALUES (NEW.at, coalesce(nullif(NEW.actor, ''), 'nobody'), 'budget.changed', 'success',
            CASE NEW.kind WHEN 'project' THEN left(NEW.key, 128)
                          WHEN 'order' THEN coalesce((SELECT project_id::text FROM workorders_workorder
                                                       WHERE public_id = NEW.key), '') ELSE '' END,
            CASE NEW.kind WHEN 'order' THEN left(NEW.key, 128) ELSE '' END,
            jsonb_strip_nulls(jsonb_build_object('budget', NEW.kind, 'key', NEW.key, 'before_usd', NEW.before::text,
                                                 'limit_usd', NEW.after::text, 'reason', nullif(NEW.reason, ''))));
    RETURN NULL;
END
$$;

CREATE TRIGGER a_budget_is_audited AFTER INSERT ON billing_budgetchange FOR EACH ROW EXECUTE FUNCTION audit_budget();

CREATE FUNCTION audit_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workorders_auditentry (at, actor, action, status, details)
    VALUES (NEW.at, NEW.actor, 'role.changed', 'success',
            jsonb_strip_nulls(jsonb_build_object('role', NEW.role, 'version', NEW.version, 'model', NEW.model,
                                                 'reason', nullif(NEW.reason, ''))));
    RETURN NULL;
END
$$;

CREATE TRIGGER a_role_is_audited AFTER INSERT ON agents_roleversion FOR EACH ROW EXECUTE FUNCTION audit_role();

-- Never the key itself, not even locked: its provider, and who. Whoever forgets one is written into the row before.
CREATE FUNCTION audit_provider_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO workorders_auditentry (at, actor, action, status, details)
    VALUES (clock_timestamp(), CASE TG_OP WHEN 'DELETE' THEN OLD.set_by ELSE NEW.set_by END,
            CASE TG_OP WHEN 'DELETE' THEN 'provider_key.removed' ELSE 'provider_key.set' END, 'success',
            jsonb_build_object('provider', coalesce(NEW.provider, OLD.provider)));
    RETURN NULL;
END
$$;

CREATE TRIGGER a_provider_key_is_audited AFTER INSERT OR DELETE OR UPDATE OF prefix, set_at ON agents_providerkey
    FOR EACH ROW EXECUTE FUNCTION audit_provider_key();

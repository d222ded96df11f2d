-- The audit log is written by the database: by the tables that are the truth, in the transaction that writes them.
-- No door can forget it, and an act that is rolled back takes its entry along.

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON workorders_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

-- An event of the feed that is an act, a decision, or a failure. What merely moves on its way is not among them; the
-- condition of the trigger is asked while the event is inserted, and costs those no call.
CREATE FUNCTION audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
    v_key text;
    v_owner text;
    v_actor text := nullif(NEW.data ->> 'actor', '');
    v_told jsonb := NEW.data - 'actor' - 'channel';
BEGIN
    SELECT subject, tenant INTO r FROM nexus_run WHERE id = NEW.run_id;
    IF NEW.task_id IS NOT NULL THEN
        SELECT key INTO v_key FROM nexus_task WHERE id = NEW.task_id;
        v_told := v_told || jsonb_build_object('task', v_key);
    END IF;
    IF NEW.kind = 'order.delivered' THEN
        SELECT nullif(owner_role, '') INTO v_owner FROM workorders_workorder WHERE run_id = NEW.run_id;
    END IF;
    IF octet_length(v_told::text) > 8000 THEN
        v_told := jsonb_strip_nulls(jsonb_build_object('task', v_key, 'cut', true,
                                                       'reason', left(v_told ->> 'reason', 2000)));
    END IF;
    INSERT INTO workorders_auditentry (at, actor, channel, action, status, project, order_ref, session, details)
    VALUES (
        NEW.at,
        left(coalesce(v_actor, CASE
            WHEN NEW.kind = 'order.reviewed' THEN nullif(NEW.data ->> 'by', '')
            WHEN NEW.kind = 'order.delivered' THEN v_owner
            WHEN NEW.kind IN ('order.triaged', 'order.asked_back') THEN 'admin'
            WHEN NEW.kind IN ('approval.reminded', 'approval.escalated', 'approval.expired', 'approval.withdrawn')
                THEN 'dispatcher'
            WHEN NEW.data #>> '{error,code}' = 'worker_lost' THEN 'dispatcher'
            WHEN NEW.kind = 'run.repaired' THEN 'doctor'
            END, CASE WHEN NEW.kind LIKE 'run.%' THEN 'nexus' ELSE 'worker' END), 200),
        left(coalesce(NEW.data ->> 'channel', ''), 32),
        NEW.kind,
        CASE
            WHEN NEW.kind IN ('task.dead', 'run.failed') THEN 'failure'
            WHEN NEW.kind IN ('task.failed', 'task.parked', 'run.repaired', 'approval.escalated', 'approval.expired',
                              'effect.unknown', 'order.needs_board', 'budget.warning', 'budget.critical',
                              'call.stepped_down') THEN 'warning'
            WHEN NEW.kind = 'order.reviewed' AND NEW.data ->> 'verdict' NOT IN ('pass', 'accepted') THEN 'warning'
            WHEN NEW.kind IN ('approval.requested', 'approval.amended', 'approval.reminded', 'approval.withdrawn',
                              'order.triaged', 'order.asked_back', 'order.quoted') THEN 'info'
            ELSE 'success' END,
        left(r.tenant, 128),
        CASE WHEN r.subject LIKE 'sess-%' THEN '' ELSE left(r.subject, 128) END,
        CASE WHEN r.subject LIKE 'sess-%' THEN left(r.subject, 128) ELSE '' END,
        v_told);
    RETURN NULL;
END
$$;

CREATE TRIGGER an_act_is_audited AFTER INSERT ON nexus_event FOR EACH ROW
    WHEN (NEW.kind IN (
        'run.paused', 'run.resumed', 'run.cancel_requested', 'run.failed', 'run.repaired',
        'task.failed', 'task.parked', 'task.unparked', 'task.redriven', 'task.dead',
        'approval.requested', 'approval.amended', 'approval.voted', 'approval.decided', 'approval.reminded',
        'approval.escalated', 'approval.expired', 'approval.withdrawn',
        'effect.unknown', 'effect.decided',
        'order.triaged', 'order.asked_back', 'order.quoted', 'order.reviewed', 'order.needs_board', 'order.delivered',
        'order.escalated',
        'budget.warning', 'budget.critical', 'call.stepped_down')
        -- What waits for an approval says so as 'approval.requested', and goes on by 'approval.decided'.
        AND NOT (NEW.kind = 'task.parked' AND NEW.data #>> '{wait,code}' = 'approval')
        AND NOT (NEW.kind = 'task.unparked' AND NEW.data ? 'approval'))
    EXECUTE FUNCTION audit_event();

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

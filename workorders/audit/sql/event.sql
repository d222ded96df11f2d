-- An event of the feed that is an act, a decision, or a failure. What merely moves on its way is not among them.
--
-- The steps that every task takes are left out by the trigger itself, at no call. Its condition is short: Postgres reads
-- the text of it anew with every statement that inserts, and with all the kinds in it that was a tenth of every order.
CREATE OR REPLACE FUNCTION audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r record;
    v_key text;
    v_owner text;
    v_actor text;
    v_told jsonb;
BEGIN
    IF NEW.kind <> ALL (ARRAY[
        'run.paused', 'run.resumed', 'run.cancel_requested', 'run.failed', 'run.repaired',
        'task.failed', 'task.parked', 'task.unparked', 'task.redriven', 'task.dead',
        'approval.requested', 'approval.amended', 'approval.voted', 'approval.decided', 'approval.reminded',
        'approval.escalated', 'approval.expired', 'approval.withdrawn',
        'effect.unknown', 'effect.decided',
        'order.triaged', 'order.asked_back', 'order.quoted', 'order.reviewed', 'order.needs_board', 'order.delivered',
        'order.escalated',
        'budget.warning', 'budget.critical', 'call.stepped_down'])
        -- What waits for an approval says so as 'approval.requested', and goes on by 'approval.decided'.
        OR (NEW.kind = 'task.parked' AND NEW.data #>> '{wait,code}' = 'approval')
        OR (NEW.kind = 'task.unparked' AND NEW.data ? 'approval') THEN
        RETURN NULL;
    END IF;
    v_actor := nullif(NEW.data ->> 'actor', '');
    v_told := NEW.data - 'actor' - 'channel';
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

DROP TRIGGER IF EXISTS an_act_is_audited ON nexus_event;
CREATE TRIGGER an_act_is_audited AFTER INSERT ON nexus_event FOR EACH ROW
    WHEN (NEW.kind !~ '^task\.(ready|started|completed)$') EXECUTE FUNCTION audit_event();

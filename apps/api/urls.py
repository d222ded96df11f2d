"""/api/v2: work orders."""

from __future__ import annotations

from django.urls import path, register_converter

from billing.budgets import KINDS

from .views import (
    approvals,
    attachments,
    audit,
    budgets,
    costs,
    dead_letters,
    inlets,
    keys,
    moves,
    quotes,
    reads,
    schedules,
    sessions,
    system,
    teams,
    tools,
    workorders,
)


class PublicId:
    """WO-YYYYMMDD-NNNN, as many digits as the day needs; anything else is a 404 before the database is asked."""

    regex = r"WO-[0-9]{8}-[0-9]{4,12}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class BudgetKind(PublicId):
    """What a budget is of."""

    regex = "|".join(KINDS)


class BudgetKey(PublicId):
    """What it is called: nothing that no database could hold."""

    regex = r"[^/\x00-\x1f\x7f]{1,128}"


class SessionId(PublicId):
    """sess-<uuid4>."""

    regex = r"sess-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class AttachmentId(PublicId):
    """att-<uuid4>."""

    regex = r"att-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class ToolName(PublicId):
    """What the makers of models take for a name."""

    regex = r"[A-Za-z0-9_-]{1,64}"


class KeyId(PublicId):
    """The part of a key that may be shown."""

    regex = r"[A-Za-z0-9]{4,32}"


class UserName(PublicId):
    """As users are named."""

    regex = r"[\w.@+-]{1,150}"


class ScheduleId(PublicId):
    """sched-<uuid4>."""

    regex = r"sched-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class InletId(PublicId):
    """inlet-<uuid4>."""

    regex = r"inlet-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


register_converter(ScheduleId, "schedule")
register_converter(InletId, "inlet")
register_converter(KeyId, "key")
register_converter(UserName, "user")
register_converter(SessionId, "session")
register_converter(AttachmentId, "attachment")
register_converter(PublicId, "order")
register_converter(ToolName, "tool")
register_converter(BudgetKey, "scope")
register_converter(BudgetKind, "budget")

urlpatterns = [
    path("work-orders", workorders.WorkOrders.as_view(), name="work-orders"),
    path("work-orders/<order:public_id>", workorders.OneWorkOrder.as_view(), name="work-order"),
    path("work-orders/<order:public_id>/events", reads.Events.as_view(), name="work-order-events"),
    *(
        path(f"work-orders/<order:public_id>/{move.name}", move.as_view(), name=f"work-order-{move.name}")
        for move in moves.MOVES
    ),
    path("work-orders/<order:public_id>/deliverable", reads.DeliverableFile.as_view(), name="work-order-deliverable"),
    path("work-orders/<order:public_id>/canvases", reads.Canvases.as_view(), name="work-order-canvases"),
    path("work-orders/<order:public_id>/ledger", reads.Ledger.as_view(), name="work-order-ledger"),
    path("work-orders/<order:public_id>/budget", reads.BudgetOfOrder.as_view(), name="work-order-budget"),
    path("sessions", sessions.Sessions.as_view(), name="sessions"),
    path("sessions/<session:session_id>", sessions.OneSession.as_view(), name="session"),
    path("sessions/<session:session_id>/messages", sessions.Messages.as_view(), name="session-messages"),
    path("sessions/<session:session_id>/stream", sessions.Stream.as_view(), name="session-send-stream"),
    path("agents/<slug:agent_id>/sessions", sessions.AgentSessions.as_view(), name="agent-sessions"),
    path("attachments", attachments.Attachments.as_view(), name="attachments"),
    path("attachments/<attachment:public_id>", attachments.OneAttachment.as_view(), name="attachment"),
    path("attachments/<attachment:public_id>/content", attachments.Content.as_view(), name="attachment-content"),
    path("api-keys", keys.ApiKeys.as_view(), name="api-keys"),
    path("api-keys/<key:key_id>", keys.OneApiKey.as_view(), name="api-key"),
    path("teams", teams.Teams.as_view(), name="teams"),
    path("teams/<slug:project>/members", teams.Members.as_view(), name="team-members"),
    path("teams/<slug:project>/members/<user:username>", teams.OneMember.as_view(), name="team-member"),
    path("schedules", schedules.Schedules.as_view(), name="schedules"),
    path("schedules/<schedule:schedule_id>", schedules.OneSchedule.as_view(), name="schedule"),
    path("schedules/<schedule:schedule_id>/ticks", schedules.Ticks.as_view(), name="schedule-ticks"),
    path("schedules/<schedule:schedule_id>/fire", schedules.Fire.as_view(), name="schedule-fire"),
    path("inlets", inlets.Inlets.as_view(), name="inlets"),
    path("inlets/<inlet:inlet_id>", inlets.OneInlet.as_view(), name="inlet"),
    path("inlets/<inlet:inlet_id>/rotate", inlets.RotateInlet.as_view(), name="inlet-rotate"),
    path("budgets", budgets.Budgets.as_view(), name="budgets"),
    path("budgets/waiting", budgets.Waiting.as_view(), name="budgets-waiting"),
    path("budgets/<budget:kind>/<scope:key>", budgets.OneBudget.as_view(), name="budget"),
    path("tools", tools.Tools.as_view(), name="tools"),
    path("tools/<tool:name>", tools.OneTool.as_view(), name="tool"),
    path("costs", costs.CostSummary.as_view(), name="costs"),
    path("costs/totals", costs.CostTotals.as_view(), name="cost-totals"),
    path("costs.csv", costs.CostSheet.as_view(), name="costs-csv"),
    path("quotes", quotes.Quotes.as_view(), name="quotes"),
    path("approvals", approvals.Approvals.as_view(), name="approvals"),
    path("approvals/<int:id>", approvals.OneApproval.as_view(), name="approval"),
    path("approvals/<int:id>/decide", approvals.Decide.as_view(), name="approval-decide"),
    path("audit", audit.Audit.as_view(), name="audit"),
    path("system/status", system.Status.as_view(), name="system-status"),
    path("dead-letters", dead_letters.DeadLetters.as_view(), name="dead-letters"),
    path("dead-letters/<str:fingerprint>", dead_letters.DeadLetterGroup.as_view(), name="dead-letters-group"),
    path("dead-letters/<str:fingerprint>/redrive", dead_letters.Redrive.as_view(), name="dead-letters-redrive"),
]

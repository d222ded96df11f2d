"""The Board's admin: its name, its side bar, its languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _


def _may(permission: str) -> Callable[[Any], bool]:
    return lambda request: bool(request.user.has_perm(permission))


def _page(title: Any, icon: str, name: str, permission: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}"), "permission": _may(permission), **more}


def _to(title: Any, icon: str, model: str, **more: Any) -> dict[str, Any]:
    """A list; who may not see it sees no way to it. It is lit on its own pages, and not on others beneath it."""
    app, _dot, name = model.partition("_")

    def is_here(request: Any) -> bool:
        rest = request.path.removeprefix(reverse(f"admin:{model}_changelist"))
        return rest != request.path and (not rest or rest[0].isdigit())

    return _page(title, icon, f"{model}_changelist", f"{app}.view_{name}", active=is_here, **more)


def _style(request: Any) -> str:
    return static("board/board.css")


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Nexus",
    "SITE_HEADER": "Nexus",
    "SITE_SUBHEADER": _("Board"),
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "apps.board.inbox.dashboard",
    "STYLES": [_style],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    {
                        "title": _("Needs the Board"), "icon": "inbox", "link": reverse_lazy("admin:index"),
                        "badge": "apps.board.badges.inbox",
                    },
                    _to(_("Work orders"), "assignment", "workorders_workorder"),
                    _to(_("Approvals"), "how_to_reg", "nexus_approval", badge="apps.board.badges.approvals"),
                    _page(_("Failures"), "stacks", "nexus_deadletter_failures", "nexus.view_deadletter",
                          badge="apps.board.badges.failures"),
                    _to(_("Dead letters"), "mark_email_unread", "nexus_deadletter"),
                    _to(_("Audit log"), "policy", "workorders_auditentry"),
                ],
            },
            {
                "title": _("Money"),
                "items": [
                    _page(_("Costs"), "bar_chart", "billing_costs", "billing.view_ledgerentry"),
                    _page(_("Waits for money"), "hourglass_top", "billing_waiting", "billing.view_budget",
                          badge="apps.board.badges.money"),
                    _to(_("Ledger"), "receipt_long", "billing_ledgerentry"),
                    _to(_("Budgets"), "savings", "billing_budget"),
                    _to(_("Budget changes"), "history", "billing_budgetchange"),
                    _page(_("Prices of roles"), "sell", "board_prices", "agents.view_role"),
                ],
            },
            {
                "title": _("Machinery"),
                "items": [
                    _page(_("System"), "monitor_heart", "board_system", "workorders.view_workorder"),
                    _to(_("Runs"), "account_tree", "nexus_run"),
                    _to(_("Tasks"), "task_alt", "nexus_task"),
                    _to(_("Attempts"), "replay", "nexus_attempt"),
                    _to(_("Events"), "list", "nexus_event"),
                    _to(_("Effects"), "bolt", "nexus_effect"),
                ],
            },
            {
                "title": _("Other systems"),
                "items": [
                    _to(_("Webhooks"), "webhook", "webhooks_subscription"),
                    _to(_("Deliveries"), "send", "webhooks_delivery"),
                    _to(_("Schedules"), "schedule", "workorders_schedule"),
                    _to(_("Ticks"), "alarm_on", "workorders_firing"),
                    _to(_("Inlets"), "login", "workorders_inlet"),
                    _to(_("Arrivals"), "move_to_inbox", "workorders_arrival"),
                ],
            },
            {
                "title": _("Workflows"),
                "items": [
                    _to(_("Workflows"), "schema", "workflows_workflowdefinition"),
                    _to(_("Stages"), "view_agenda", "workflows_stagedefinition"),
                    _to(_("Tools of stages"), "handyman", "workflows_tooldefinition"),
                    _to(_("Pipeline nodes"), "hub", "workflows_pipelinenode"),
                    _to(_("Changes of definitions"), "history_edu", "workflows_change"),
                    _to(_("Knowledge of workflows"), "menu_book", "workflows_knowledgesnapshot"),
                    _to(_("Conversations with workflows"), "forum", "workflows_chat"),
                ],
            },
            {
                "title": _("People and agents"),
                "items": [
                    _to(_("Roles"), "badge", "agents_role"),
                    _to(_("Versions of roles"), "manage_history", "agents_roleversion"),
                    _to(_("Sessions"), "forum", "agents_session"),
                    _to(_("Keys of providers"), "vpn_key", "agents_providerkey"),
                    _to(_("Tools"), "construction", "agents_registeredtool"),
                    _to(_("Tool rules"), "rule", "agents_toolrule"),
                    _to(_("Knowledge sources"), "menu_book", "agents_knowledgesource"),
                    _to(_("API keys"), "key", "accounts_apikey"),
                ],
            },
        ],
    },
}  # fmt: skip

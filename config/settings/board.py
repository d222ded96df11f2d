"""The Board's admin: its name, its side bar, its languages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _to(title: Any, icon: str, model: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist")}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Nexus",
    "SITE_HEADER": "Nexus",
    "SITE_SUBHEADER": _("Board"),
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Work"),
                "items": [
                    _to(_("Work orders"), "assignment", "workorders_workorder"),
                    _to(_("Approvals"), "how_to_reg", "nexus_approval"),
                    _to(_("Dead letters"), "inbox", "nexus_deadletter"),
                    {
                        "title": _("Failures"),
                        "icon": "stacks",
                        "link": reverse_lazy("admin:nexus_deadletter_failures"),
                    },
                ],
            },
            {
                "title": _("Money"),
                "items": [
                    {"title": _("Costs"), "icon": "bar_chart", "link": reverse_lazy("admin:billing_costs")},
                    {
                        "title": _("Waits for money"),
                        "icon": "hourglass_top",
                        "link": reverse_lazy("admin:billing_waiting"),
                    },
                    _to(_("Ledger"), "receipt_long", "billing_ledgerentry"),
                    _to(_("Budgets"), "savings", "billing_budget"),
                    _to(_("Budget changes"), "history", "billing_budgetchange"),
                ],
            },
            {
                "title": _("Machinery"),
                "items": [
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
                "title": _("People and agents"),
                "items": [
                    _to(_("Roles"), "badge", "agents_role"),
                    _to(_("Tools"), "construction", "agents_registeredtool"),
                    _to(_("Tool rules"), "rule", "agents_toolrule"),
                    _to(_("Knowledge sources"), "menu_book", "agents_knowledgesource"),
                    _to(_("API keys"), "key", "accounts_apikey"),
                ],
            },
        ],
    },
}

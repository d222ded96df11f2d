"""The Board's pages: every URL of the admin by its name, and the permissions that open it.

A page that is not here fails tests/integration/test_board_access.py, and so does a row without a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.urls import URLPattern

from . import routes

SHOWN = (
    "gateway.systemlog", "nexus.approval", "workorders.auditentry", "agents.session", "nexus.run", "nexus.task",
    "nexus.attempt", "nexus.event", "nexus.deadletter", "billing.ledgerentry", "billing.budget",
    "billing.budgetchange", "workorders.workorder", "agents.role", "accounts.apikey", "nexus.effect",
    "agents.registeredtool", "agents.toolrule", "agents.knowledgesource", "agents.roleversion", "agents.providerkey",
    "workflows.workflowdefinition", "workflows.stagedefinition", "workflows.tooldefinition", "workflows.pipelinenode",
    "workflows.change", "workflows.knowledgesnapshot", "workflows.chat", "workflows.chatentry", "studio.film",
    "studio.shot", "studio.filmevent", "webhooks.subscription", "webhooks.delivery", "workorders.schedule",
    "workorders.firing", "workorders.inlet", "workorders.arrival",
)  # fmt: skip
"""Tables to look at, each with its view permission; nobody adds, changes or deletes."""
KEPT = ("studio.eventmapping",)
"""Tables that the Board writes in, each act with Django's permission of its name."""
PAGES: dict[str, set[str]] = {
    "nexus_deadletter_failures": {"nexus.view_deadletter"},
    "nexus_deadletter_failure": {"nexus.view_deadletter"},
    "billing_costs": {"billing.view_ledgerentry"},
    "billing_waiting": {"billing.view_budget"},
    "board_system": {"workorders.view_workorder"},
    "board_prices": {"agents.view_role"},
}
"""Pages of no row; what is posted to them takes a permission more."""
ACTS = ("nexus_approval_decide", "board_act")
"""Where dialogs lead: each act has a permission of its own, see tests/integration/test_board_acts.py."""
FRAME = (
    "index", "app_list", "search", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n", "",
)  # fmt: skip
"""Around the pages: for everybody whom the Board has let in, and with nothing of any row that they may not see."""
PUBLIC = ("login",)


def table() -> dict[str, set[str]]:
    """Name of a URL -> the permissions that open it; of pages of rows, and those of no row."""
    found = dict(PAGES)
    for label in (*SHOWN, *KEPT):
        app, model = label.split(".")
        for page in ("changelist", "change", "history"):
            found[f"{app}_{model}_{page}"] = {f"{app}.view_{model}"}
        for page in ("add", "delete"):
            found[f"{app}_{model}_{page}"] = {f"{app}.{page}_{model}"} if label in KEPT else {"nobody's"}
    return found


def pages() -> Iterator[tuple[str, URLPattern]]:
    """Every URL of the admin, with its name; Django's way from an id to its page has none, and leads there."""
    for path, route in routes(admin.site.get_urls(), "admin:"):
        if not path.endswith("/<path:object_id>/"):
            yield route.name or "", route


def filled(route: Any) -> dict[str, Any]:
    """Something for every part of its URL."""
    known: dict[str, Any] = {
        "object_id": "1", "fingerprint": "f" * 64, "number": 1, "noun": "order", "name": "cancel",
        "key": "WO-20200101-0001", "app_label": "nexus", "url": "nowhere",
    }  # fmt: skip
    return {name: known[name] for name in route.pattern.regex.groupindex}

"""cost_report: what the order's project has spent, read from the ledger alone."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from billing import money, reports
from billing.reports import Totals
from nexus import engine
from workorders.language import Language, language_of
from workorders.models import WorkOrder

from .reporting import page, said, table


def report(context: engine.Context) -> engine.Outcome:
    """Today, seven days, thirty days and all; then the thirty days by role and by model. Of this project alone."""
    order = WorkOrder.objects.of_run(context.run_id)
    language, project = language_of(order.message), str(order.project_id)
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    month = today - timedelta(days=29)
    periods = [
        (said(language, "Today", "今天"), today),
        (said(language, "7 days", "7 天"), today - timedelta(days=6)),
        (said(language, "30 days", "30 天"), month),
        (said(language, "All", "全部"), None),
    ]
    spent = [(name, reports.of_project(project, since=since)) for name, since in periods]
    blocks = [said(language, f"Project {order.project.slug}.", f"项目 {order.project.slug}。"), _table(language, spent)]
    parts = (
        ("By role, 30 days|按角色，30 天", reports.of_project_by(project, "role", since=month)),
        ("By model, 30 days|按模型，30 天", reports.of_project_by(project, "model", since=month)),
    )
    for heading, sums in parts:
        rows = sorted(sums.items())
        if rows:
            blocks += [f"## {said(language, *heading.split('|'))}", _table(language, rows)]
    text = page("cost_report", language, at=timezone.now(), blocks=blocks)
    return engine.Done(output={"text": text, "spent_usd": money.text(spent[-1][1].cost_usd)})


def _table(language: Language, rows: list[tuple[str, Totals]]) -> str:
    headers = said(language, "|US dollars|Tokens in|Tokens out|Requests", "|美元|输入令牌|输出令牌|请求数").split("|")
    return table(
        headers,
        [(name, money.text(sums.cost_usd), sums.input_tokens, sums.output_tokens, sums.lines) for name, sums in rows],
    )

"""Pages beside ledger and budgets: what was spent on what, and what waits for money, with the form that raises it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import budgets, costs, parked, periods
from nexus.errors import NexusError
from workorders import limits

from . import words
from .readonly import Shown
from .refusals import remember

MAY_RAISE = "billing.change_budget"


class Raise(forms.Form):
    """What is posted to raise a budget."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in budgets.KINDS])
    key = forms.CharField(max_length=128)
    limit_usd = forms.DecimalField(
        label=gettext_lazy("Limit"), min_value=Decimal("0.000000001"), max_value=1_000_000, decimal_places=9
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


class Page(Shown):
    """A page of ours under a list of Django's."""

    def _may_look(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, **told: Any) -> HttpResponse:
        return render(request, template, {**self.admin_site.each_context(request), "opts": self.model._meta, **told})


class WithCosts(Page):
    """The ledger, and its sums."""

    def get_urls(self) -> list[URLPattern]:
        """One page more."""
        return [path("costs/", self.admin_site.admin_view(self.costs), name="billing_costs"), *super().get_urls()]

    def costs(self, request: HttpRequest) -> HttpResponse:
        """A time's costs by one thing, as a page or, with `csv`, as a file."""
        self._may_look(request)
        by = cast(costs.By, _among(request, "by", costs.BY))
        name = cast(periods.Name, _among(request, "period", periods.NAMES))
        period = periods.named(name, now=timezone.now(), zone=timezone.get_default_timezone())
        found = costs.summary(period=period, by=by)
        found = limits.by_slug(found) if by == "project" else found
        if "csv" in request.GET:
            file = f'attachment; filename="costs-{name}-by-{by}.csv"'
            return HttpResponse(
                costs.sheet(found), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": file}
            )
        return self._page(
            request, "board/costs.html", title=_("Costs"), summary=found, table=_cost_table(found),
            periods=[(one, words.WORDS[one], one == name) for one in periods.NAMES],
            by=[(one, words.LABELS[one], one == by) for one in costs.BY],
        )  # fmt: skip


class WithWaiting(Page):
    """The budgets, and what waits for them."""

    def get_urls(self) -> list[URLPattern]:
        """One page more."""
        wrap = self.admin_site.admin_view
        return [path("waiting/", wrap(self.waiting), name="billing_waiting"), *super().get_urls()]

    def waiting(self, request: HttpRequest) -> HttpResponse:
        """One line per budget that work waits for; a POST raises one."""
        self._may_look(request)
        if request.method == "POST":
            if not request.user.has_perm(MAY_RAISE):
                raise PermissionDenied
            _raised(request, Raise(request.POST))
            return redirect(reverse("admin:billing_waiting"))
        found = parked.waiting()
        slugs = limits.slugs_of(found)
        return self._page(
            request, "board/waiting.html", title=_("Waits for money"), may_raise=request.user.has_perm(MAY_RAISE),
            found=[_entry(one, limits.shown(one.kind, one.key, slugs)) for one in found],
        )  # fmt: skip


def _among(request: HttpRequest, name: str, choices: tuple[str, ...]) -> str:
    said = request.GET.get(name, "")
    return said if said in choices else choices[0]


def _cost_table(found: costs.Summary) -> dict[str, Any]:
    heads = [words.LABELS[found.by], _("Cost"), _("Estimated"), _("Requests"), _("Tokens in"), _("Tokens out")]
    rows = [
        [row.key or "–", words.dollars(row.cost), words.dollars(row.estimated), row.requests, row.input_tokens,
         row.output_tokens]
        for row in (*found.rows, found.total)
    ]  # fmt: skip
    rows[-1][0] = _("All")
    return {"headers": heads, "rows": rows}


def _entry(one: parked.Waiting, key: str) -> dict[str, Any]:
    return {
        "kind": one.kind, "word": words.WORDS[one.kind], "key": key, "tasks": one.tasks, "orders": one.runs,
        "limit": words.dollars(one.limit), "spent": words.dollars(one.spent), "reserved": words.dollars(one.reserved),
        "needed": words.dollars(one.needed), "is_going_on": one.is_going_on,
        "enough": f"{one.spent + one.reserved + one.needed_in_all:.9f}",
        "since": date_format(localtime(one.since), "Y-m-d H:i:s") if one.since else "–",
    }  # fmt: skip


def _raised(request: HttpRequest, form: Raise) -> None:
    """Raise it, and say what came of it."""
    if not form.is_valid():
        messages.error(request, "; ".join(f"{form[name].label}: {wrong[0]}" for name, wrong in form.errors.items()))
        return
    said = form.cleaned_data
    try:
        limits.change(
            kind=said["kind"], key=said["key"], limit=said["limit_usd"], actor=request.user.get_username(),
            reason=said["reason"],
        )  # fmt: skip
    except NexusError as refused:
        remember(request, "budget.changed", refused, order=said["key"] if said["kind"] == "order" else "")
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The limit is set. What waits goes on by itself, as much as fits."))

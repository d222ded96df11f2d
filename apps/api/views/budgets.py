"""Budgets: what each scope may spend, and the door to raise it. For the Board alone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import Board
from apps.api import examples, examples_money, pages, parameters, wire
from apps.api.answers import Shape
from apps.api.answers_money import BudgetStatus
from apps.api.fields import StrictSerializer, Text
from apps.api.schema import BUDGET_KIND, CURSOR, PAGE_SIZE, problems
from apps.api.shapes import MoneyIn
from billing import budgets, money, parked
from billing.models import Budget as Row
from workorders import limits


class Budget(Shape):
    """What a scope may spend, has spent and has reserved."""

    kind = s.ChoiceField(list(budgets.KINDS))
    key = s.CharField(help_text="An order's id, a project's slug, a role's name, or a day.")
    limit_usd = s.CharField(allow_null=True, help_text="null: no limit.")
    spent_usd = s.CharField()
    reserved_usd = s.CharField()


class BudgetPage(Shape):
    """A page of budgets."""

    results = Budget(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class BudgetIn(StrictSerializer):
    """A new limit."""

    limit_usd = MoneyIn(allow_null=True, help_text="In all; null is no limit. What is spent stays counted.")
    reason = Text(max_length=500, allow_blank=True, required=False, default="")


class Budgets(APIView):
    """Every budget there is."""

    permission_classes = [*APIView.permission_classes, Board("billing.view_budget")]

    @extend_schema(
        operation_id="listBudgets",
        summary="List budgets, newest first",
        parameters=[PAGE_SIZE, CURSOR, BUDGET_KIND],
        responses={200: BudgetPage, **problems(400, 401, 403, 503)},
        examples=[examples.BUDGETS],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", "kind"))
        kind = parameters.one_of(request.query_params, "kind", budgets.KINDS)
        rows = Row.objects.filter(period=budgets.WHOLE_LIFE)
        page = pages.cut(rows.filter(kind=kind) if kind else rows, request, of="budgets")
        slugs = limits.slugs_of(page.rows)
        return Response(
            {"results": [shown(row, slugs) for row in page.rows], "next": page.next, "previous": page.previous}
        )


class WaitingForBudget(Shape):
    """What waits for one budget: one thing to decide, whatever the number of tasks."""

    kind = s.ChoiceField(list(budgets.KINDS))
    key = s.CharField()
    limit_usd = s.CharField(allow_null=True)
    spent_usd = s.CharField()
    reserved_usd = s.CharField()
    needed_usd = s.CharField(help_text="The most that one of the calls may cost.")
    needed_in_all_usd = s.CharField(help_text="The most that all of them may cost, if each makes one call.")
    tasks = s.IntegerField()
    orders = s.IntegerField()
    since = s.DateTimeField(allow_null=True, help_text="When the oldest of them was parked.")
    going_on = s.BooleanField(help_text="It was raised: what waits goes on by itself, as room comes back.")


class WaitingList(Shape):
    """Everything that waits for money, the oldest first."""

    results = WaitingForBudget(many=True)


class Waiting(APIView):
    """What waits for money."""

    permission_classes = [*APIView.permission_classes, Board("billing.view_budget")]

    @extend_schema(
        operation_id="listWaitingForBudgets",
        summary="List the budgets that work waits for",
        description=(
            "One entry per scope, the oldest first, with how many tasks wait and what they need. `setBudget` decides "
            "it: what waits then goes on by itself, the most urgent first and then the oldest, as much as fits."
        ),
        responses={200: WaitingList, **problems(400, 401, 403, 503)},
        examples=[examples_money.WAITING],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ())
        found = parked.waiting()
        slugs = limits.slugs_of(found)
        return Response({"results": [shown_waiting(one, slugs) for one in found]})


class OneBudget(APIView):
    """The budget of one scope."""

    def get_permissions(self) -> list[Any]:
        """To look takes less than to change."""
        needed = "billing.view_budget" if self.request.method in SAFE_METHODS else "billing.change_budget"
        return [*super().get_permissions(), Board(needed)()]

    @extend_schema(
        operation_id="getBudget",
        summary="Show how a budget stands and where it is heading",
        description=(
            "`CRITICAL`: more than 110 % of the limit is predicted. `WARNING`: more than 90 % is used. `CAUTION`: more "
            "than 70 %. Else `HEALTHY`, as is a scope without a limit. The part of the work that is done: of an order "
            "its completed tasks, of a project its orders that are over, of a day the hours that have passed. While "
            "nothing is done, the limit itself is predicted."
        ),
        responses={200: BudgetStatus, **problems(400, 401, 403, 404, 422, 503)},
        examples=[examples_money.STATUS],
    )
    def get(self, request: Request, kind: str, key: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(wire.budget(kind, key))

    @extend_schema(
        operation_id="setBudget",
        summary="Set what a scope may spend",
        description=(
            "Doing it twice is doing it once. Who set it, from what, and why is kept, and told in the feed of an "
            "order. Where the limit was raised, the tasks that wait for it go on by themselves, as much as fits. An "
            "order that has ended: 409 with `illegal_move`."
        ),
        request=BudgetIn,
        responses={200: Budget, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.NEW_LIMIT, examples.BUDGET],
    )
    def put(self, request: Request, kind: str, key: str) -> Response:
        """Set it."""
        parameters.only(request.query_params, ())
        asked = BudgetIn(data=request.data)
        asked.is_valid(raise_exception=True)
        row = limits.change(
            kind=kind,
            key=key,
            limit=asked.validated_data["limit_usd"],
            actor=request.user.get_username(),
            reason=asked.validated_data["reason"],
        )
        return Response(shown(row, limits.slugs_of([row])))


def shown(row: Row, slugs: dict[str, str]) -> dict[str, str | None]:
    """A budget under the name that people write."""
    return {
        "kind": row.kind,
        "key": limits.shown(row.kind, row.key, slugs),
        "limit_usd": None if row.limit is None else money.text(row.limit),
        "spent_usd": money.text(row.spent),
        "reserved_usd": money.text(row.reserved),
    }


def shown_waiting(one: parked.Waiting, slugs: dict[str, str]) -> dict[str, object]:
    """What waits for a budget, under the name that people write."""
    return {
        "kind": one.kind,
        "key": limits.shown(one.kind, one.key, slugs),
        "limit_usd": None if one.limit is None else money.text(one.limit),
        "spent_usd": money.text(one.spent),
        "reserved_usd": money.text(one.reserved),
        "needed_usd": money.text(one.needed),
        "needed_in_all_usd": money.text(one.needed_in_all),
        "tasks": one.tasks,
        "orders": one.runs,
        "since": one.since.isoformat() if one.since else None,
        "going_on": one.is_going_on,
    }

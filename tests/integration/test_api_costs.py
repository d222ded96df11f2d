"""Costs over HTTP: of what the caller may see, as JSON and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Role
from billing import pricebook
from tests.support.people import a_cast, a_person
from tests.support.spending import charged, reserved

pytestmark = pytest.mark.django_db
COSTS = "/api/v2/costs"


@pytest.fixture
def cast():
    pricebook.install()
    cast = a_cast()
    for project, amount, order in ((cast.acme, "0.25", "WO-1"), (cast.umbra, "2", "=WO+2")):
        charged(reserved("3", scopes=()), amount, project=str(project.pk), order=order)
    return cast


def test_each_sees_the_costs_of_their_projects(cast):
    shown = cast.alice.get(f"{COSTS}?by=project&period=week").json()
    assert (shown["period"], shown["by"], shown["cut"]) == ("week", "project", False)
    assert shown["results"] == [
        {"key": "acme", "cost_usd": "0.250000000", "estimated_usd": "0.000000000", "requests": 1,
         "input_tokens": 1000, "output_tokens": 100}
    ]  # fmt: skip
    assert shown["total"] == {**shown["results"][0], "key": ""}
    assert cast.charlie.get(COSTS).json()["total"]["cost_usd"] == "2.000000000"


def test_the_board_sees_all_and_a_key_of_one_project_only_that(cast):
    board = a_person("board", cast.acme, Role.VIEWER)
    bound = a_person("bound", cast.acme, Role.VIEWER, bound_to=cast.acme)
    for person in (board, bound):
        person.user.user_permissions.add(Permission.objects.get(codename="view_ledgerentry"))
    charged(reserved("1", scopes=()), "0.5", project="a program's own")
    assert board.get(f"{COSTS}?period=all").json()["total"]["cost_usd"] == "2.750000000"
    assert bound.get(f"{COSTS}?period=all").json()["total"]["cost_usd"] == "0.250000000"


def test_another_project_and_one_that_is_not_there_are_told_alike(cast):
    answers = [cast.alice.get(f"{COSTS}?project={slug}") for slug in ("umbra", "nobody")]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "unknown_project")] * 2
    assert cast.alice.get(f"{COSTS}?project=acme").json()["total"]["requests"] == 1


@pytest.mark.parametrize("query", ["period=year", "by=mood", "week", "by=role&by=day", "format=csv"])
def test_what_is_no_period_and_no_thing_is_refused(cast, query):
    assert cast.alice.get(f"{COSTS}?{query}").status_code == 400


def test_as_a_file_it_has_the_same_rows_and_no_formula(cast):
    answer = cast.charlie.get(f"{COSTS}.csv?by=order")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="costs-today-by-order.csv"'
    assert list(csv.reader(io.StringIO(answer.content.decode()))) == [
        ["order", "cost_usd", "estimated_usd", "requests", "input_tokens", "output_tokens"],
        ["'=WO+2", "2.000000000", "0.000000000", "1", "1000", "100"],
    ]  # fmt: skip


def test_without_a_key_nothing_is_told(client, cast):
    assert client.get(COSTS).status_code == 401


def test_it_takes_the_same_questions_for_one_line_and_for_many(cast):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert cast.alice.get(f"{COSTS}?by=project").status_code == 200
        return len(asked)

    questions()
    few = questions()
    for number in range(6):
        charged(reserved("1", scopes=()), "0.1", project=str(cast.acme.pk), order=f"WO-{number}")
    assert questions() == few <= 8


def test_today_week_month_and_all_stand_side_by_side(cast):
    found = cast.alice.get(f"{COSTS}/totals").json()
    span = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, "total_cost": "0.250000000"}
    assert found == dict.fromkeys(("today", "week", "month", "all"), span)
    assert cast.alice.get(f"{COSTS}/totals?project=umbra").status_code == 404
    assert cast.alice.get(f"{COSTS}/totals?period=week").status_code == 400


def test_what_was_booked_long_ago_is_in_all_and_in_no_month(cast):
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE billing_ledgerentry SET day = day - 8")
        cursor.execute("SET session_replication_role = DEFAULT")
    found = cast.charlie.get(f"{COSTS}/totals").json()
    assert [found[name]["total_cost"] for name in ("today", "week", "month", "all")] == [
        "0.000000000", "0.000000000", "2.000000000", "2.000000000",
    ]  # fmt: skip

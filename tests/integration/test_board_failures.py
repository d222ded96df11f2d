"""Driving a failure again in the admin: seen by some, done by fewer, told in the feed with who and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agents import roles
from apps.accounts.models import User
from billing import pricebook
from nexus import engine
from tests.support.people import a_cast, order
from tests.support.runs import spec, states, work

pytestmark = pytest.mark.django_db(transaction=True)
ALL = "/admin/nexus/deadletter/failures/"


@pytest.fixture
def cast():
    roles.install(), pricebook.install()
    return a_cast()


def member(name: str, *codenames: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def dead(project) -> engine.Run:
    with transaction.atomic():
        run = engine.submit(
            tenant=str(project.pk), subject="WO-<b>1</b>", tasks=[spec("bad", "test.fails", max_attempts=1)]
        )
    return work(run)


def page() -> str:
    return f"{ALL}{engine.groups()[0].fingerprint}/"


def test_a_failure_is_shown_as_one_line_and_then_with_its_tasks(cast):
    dead(cast.acme), dead(cast.umbra)
    looker = member("looker", "view_deadletter")
    listed = looker.get(ALL).content.decode()
    assert engine.groups()[0].fingerprint[:12] in listed
    shown = looker.get(page()).content.decode()
    assert "WO-&lt;b&gt;1&lt;/b&gt;" in shown
    assert "<b>1</b>" not in shown
    assert 'popovertarget="try-one"' not in shown
    assert looker.get(f"{ALL}{'0' * 64}/").status_code == 404
    assert reverse("admin:nexus_deadletter_failures") == ALL


def test_one_is_tried_with_a_reason_and_then_the_rest_at_a_pace(cast):
    runs = [dead(cast.acme) for _ in range(3)]
    board, where = member("board", "view_deadletter", "change_deadletter"), page()
    assert 'popovertarget="try-one"' in board.get(where).content.decode()
    change = {"reason": "mended", "input": '{"until": 1}', "role": "ceo", "priority": "9"}
    tried = board.post(where, {**change, "one": "on"})
    assert (tried.status_code, tried.headers["Location"]) == (302, where)
    assert [work(run).state for run in runs] == ["completed", "open", "open"]
    rest = board.post(where, {**change, "rate": "60"})
    assert rest.headers["Location"] == ALL
    due = [engine.tasks.get(run_id=run.pk).not_before for run in runs[1:]]
    assert 0.9 < (due[1] - due[0]).total_seconds() < 2
    told = engine.events.of(runs[1].pk).get(kind="task.redriven").data
    assert told == {
        "actor": "board",
        "reason": "mended",
        "channel": "board",
        "changed": {"priority": 9, "input": ["role", "until"]},
    }


def test_an_orders_budget_is_raised_with_it(cast):
    filed = order(cast.alice.files(budget_usd="1"))
    engine.tasks.filter(run_id=filed.run_id).update(type="test.fails", max_attempts=1)
    work(filed.run)
    member("board", "view_deadletter", "change_deadletter").post(
        page(), {"reason": "more", "budget_usd": "2.000000001"}
    )
    assert order(filed.public_id).budget_usd == Decimal("2.000000001")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"reason": ""}, {"reason": "x", "role": "emperor"}, {"reason": "x", "model": "gpt-0"},
     {"reason": "x", "input": "[1]"},
     {"reason": "x", "input": "{"}, {"reason": "x", "rate": "0"}, {"reason": "x", "budget_usd": "-1"},
     {"reason": "x", "budget_usd": "0"}, {"reason": "x", "priority": "11"}],
)  # fmt: skip
def test_what_is_refused_says_so_and_drives_nothing(cast, wrong):
    run = dead(cast.acme)
    answer = member("board", "view_deadletter", "change_deadletter").post(page(), wrong)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode() or list(answer.context["messages"])
    assert states(run) == {"bad": "failed"}


def test_who_may_only_look_drives_nothing_and_a_stranger_sees_nothing(cast):
    run, where = dead(cast.acme), page()
    assert member("looker", "view_deadletter").post(where, {"reason": "x"}).status_code == 403
    nobody = member("clerk", "view_workorder")
    assert [nobody.get(url).status_code for url in (ALL, where)] == [403, 403]
    assert nobody.post(where, {"reason": "x"}).status_code == 403
    customer = Client()
    customer.force_login(cast.alice.user)
    assert customer.get(where).status_code == 302
    assert states(run) == {"bad": "failed"}


def test_a_form_of_another_site_drives_nothing(cast):
    run, where = dead(cast.acme), page()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    assert strict.post(where, {"reason": "x"}).status_code == 403
    assert states(run) == {"bad": "failed"}


def test_the_pages_read_in_chinese(cast):
    dead(cast.acme)
    board = member("board", "view_deadletter", "change_deadletter")
    for url, words in (
        (ALL, ["故障", "因同一原因"]),
        (page(), ["先试一个", "全部重新执行", "原因", "每分钟任务数", "最早的任务"]),
    ):
        shown = board.get(url, headers={"Accept-Language": "zh-hans"}).content.decode()
        assert [word for word in words if word not in shown] == []

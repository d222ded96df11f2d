"""The Board decides in the admin: by a dialog, with a reason, where it may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from nexus import engine
from tests.support.gates import asked, say
from tests.support.runs import states

pytestmark = pytest.mark.django_db(transaction=True)


def of_the_board(name: str, *permissions: str) -> Client:
    """Somebody of the staff with these permissions."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def board(db) -> Client:
    return of_the_board("ann", "view_approval", "decide_approval")


def page(approval: engine.Approval) -> str:
    return reverse("admin:nexus_approval_change", args=[approval.pk])


def posted(client: Client, approval: engine.Approval, decision: str = "approve", **given: str):
    """Send what the dialog sends, and follow to the page that says what came of it."""
    url = reverse("admin:nexus_approval_decide", args=[approval.pk])
    return client.post(url, {"decision": decision, "hash": approval.hash, "reason": "", **given}, follow=True)


def test_a_page_shows_what_is_asked_and_a_dialog_for_each_decision(board):
    approval = asked(allows=("approve", "reject"))
    shown = board.get(page(approval)).content.decode()
    for word in ("May this go out?", "a draft", approval.hash, 'popovertarget="decide-approve"', "csrfmiddlewaretoken"):
        assert word in shown, word
    assert "decide-revise" not in shown
    listed = board.get(reverse("admin:nexus_approval_changelist"), {"decided": "no"}).content.decode()
    assert "May this go out?" in listed
    assert board.get(reverse("admin:nexus_approval_changelist"), {"decided": "yes"}).context["cl"].result_count == 0


def test_a_decision_is_taken_and_the_feed_says_by_whom_and_where(board):
    approval = asked()
    answer = posted(board, approval, "reject", reason="too dear")
    assert "Your decision is kept." in answer.content.decode()
    approval.refresh_from_db()
    assert (approval.outcome, approval.decided_by, approval.reason) == ("rejected", "ann", "too dear")
    said = next(event.data for event in engine.events.of(approval.run_id) if event.kind == "approval.decided")
    assert (said["actor"], said["channel"], said["reason"]) == ("ann", "board", "too dear")
    assert "popovertarget" not in answer.content.decode()


def test_what_is_edited_in_the_dialog_is_what_is_approved(board):
    approval = asked()
    posted(board, approval, "edit_and_approve", content='{"text": "better"}')
    approval.refresh_from_db()
    assert (approval.outcome, approval.content) == ("edited", {"text": "better"})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"decision": "reject"}, "needs a reason"),
        ({"decision": "perhaps"}, "decision"),
        ({"decision": "edit_and_approve", "content": "{"}, "content"),
        ({"decision": "edit_and_approve", "content": "[]"}, "JSON object"),
        ({"hash": "0" * 64}, "has changed"),
    ],
)
def test_what_is_refused_is_said_and_changes_nothing(board, wrong, said):
    approval = asked()
    assert said in posted(board, approval, **wrong).content.decode()
    approval.refresh_from_db()
    assert approval.outcome is None


def test_who_comes_second_is_told_who_was_first(board):
    approval = asked()
    say(approval, actor="zoe")
    assert "approved by zoe" in posted(board, approval, "reject", reason="no").content.decode()
    assert states(approval.run)["one"] == "ready"


def test_whoever_may_only_look_decides_nothing(board):
    approval = asked()
    clerk = of_the_board("clerk", "view_approval")
    assert "popovertarget" not in clerk.get(page(approval)).content.decode()
    assert posted(clerk, approval).status_code == 403
    blind = of_the_board("blind", "decide_approval")
    assert posted(blind, approval).status_code == 403
    url = reverse("admin:nexus_approval_decide", args=[approval.pk])
    assert board.get(url).status_code == 405
    stranger = Client()
    assert "/admin/login/" in stranger.post(url, {"decision": "approve"}).headers["Location"]
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="ann"))
    assert strict.post(url, {"decision": "approve", "hash": approval.hash}).status_code == 403
    approval.refresh_from_db()
    assert approval.outcome is None


def test_the_page_reads_in_chinese(board):
    shown = board.get(page(asked()), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert [word for word in ("请示内容", "批准", "退回修改", "拒绝", "原因") if word not in shown] == []

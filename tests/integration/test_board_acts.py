"""What the Board does: a GET asks, a POST acts through the engine's doors, and the log keeps both ends of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import ProviderKey, Role, RoleVersion
from apps.accounts.models import User
from apps.board.acts.known import ACTS
from billing import pricebook
from billing.models import Budget
from nexus import engine
from nexus.tasks import transitions
from tests.support.gates import asked, say
from tests.support.people import Cast, a_cast, order
from tests.support.runs import ALICE, claimed, spec, states, submitted, work
from workorders.audit.models import AuditEntry
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def board(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ann", password="correct horse battery"))
    return client


def dialog(noun: str, key: object, name: str) -> str:
    return reverse("admin:board_act", args=[noun, name, str(key)])


def status(filed: str) -> str:
    return str(WorkOrder.objects.with_status().get(public_id=filed).status)


def done(client: Client, noun: str, what: object, name: str, **said: Any) -> Any:
    """Look first, which changes nothing; then post what the dialog would, and follow to what is said of it."""
    before = AuditEntry.objects.count()
    asked_for = client.get(dialog(noun, what, name))
    assert asked_for.status_code == 200
    assert "csrfmiddlewaretoken" in asked_for.content.decode()
    assert AuditEntry.objects.count() == before
    return client.post(dialog(noun, what, name), {"reason": "because", **said}, follow=True)


def an_order(cast: Cast, *specs: engine.TaskSpec, **given: Any) -> WorkOrder:
    """An order of Acme with these tasks, which has done what it could."""
    run = engine.submit(tenant=str(cast.acme.pk), subject="WO-20260101-7777", tasks=specs)
    work(run)
    return WorkOrder.objects.create(
        public_id="WO-20260101-7777", project=cast.acme, run=run, message="Compare three message brokers", **given
    )


def last() -> tuple[str, str, str, str]:
    found = AuditEntry.objects.order_by("-id")[0]
    return found.actor, found.action, found.status, found.channel


@pytest.mark.parametrize(
    ("name", "action", "stands"),
    [("pause", "run.paused", "paused"), ("cancel", "run.cancel_requested", "cancelled"),
     ("escalate", "order.escalated", "queued")],
)  # fmt: skip
def test_an_order_is_told_what_to_do_and_the_log_says_by_whom_and_where(cast, board, name, action, stands):
    filed = cast.alice.files()
    page = done(board, "order", filed, name).content.decode()
    assert "Done:" in page or "It is with:" in page
    assert status(filed) == stands
    assert last() == ("ann", action, "success", "board")
    assert AuditEntry.objects.order_by("-id")[0].details["reason"] == "because"


def test_a_paused_order_is_resumed(cast, board):
    filed = cast.alice.files()
    cast.bob.post(f"/api/v2/work-orders/{filed}/pause")
    done(board, "order", filed, "resume", reason="")
    assert status(filed) == "queued"


def test_a_dead_order_is_requeued(cast, board):
    filed = an_order(cast, spec("bad", "test.fails", max_attempts=1))
    done(board, "order", filed.public_id, "requeue")
    assert states(filed.run) == {"bad": "pending"}
    assert last()[1] == "task.redriven"


def test_a_question_is_answered_and_what_waits_is_released(cast, board):
    filed = cast.alice.files()
    transitions.settle(
        claimed(order(filed).run, "triage"), "parked", ALICE, wait={"code": "clarification_needed", "message": "Which?"}
    )
    done(board, "order", filed, "respond", reason="RabbitMQ and two others")
    assert order(filed).message.endswith("RabbitMQ and two others")
    waits = an_order(cast, spec("one", "test.answers", input={"answer": "park"}))
    done(board, "order", waits.public_id, "release")
    assert states(waits.run) == {"one": "ready"}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("approve", "approved"), ("revise", "revised"), ("reject", "rejected"), ("respond", "responded")],
)
def test_an_approval_is_decided_about_what_was_seen(board, name, outcome):
    approval = asked(allows=("approve", "revise", "reject", "respond"))
    page = board.get(dialog("approval", approval.pk, name)).content.decode()
    assert approval.hash in page
    assert "a draft" in page
    done(board, "approval", approval.pk, name, hash=approval.hash)
    approval.refresh_from_db()
    assert (approval.outcome, approval.decided_by) == (outcome, "ann")
    decided = AuditEntry.objects.get(action="approval.decided")
    assert (decided.actor, decided.channel, decided.details["reason"]) == ("ann", "board", "because")


def test_a_budget_is_raised(cast, board):
    filed = cast.alice.files()
    page = done(board, "budget", f"order/{filed}", "raise", limit_usd="2.5").content.decode()
    assert "The limit is set" in page
    assert str(Budget.objects.get(kind="order", key=filed).limit) == "2.500000000"
    assert AuditEntry.objects.get(action="budget.changed").actor == "ann"


@pytest.mark.parametrize(("name", "state"), [("happened", "done"), ("undone", "failed")])
def test_an_effect_that_nobody_was_asked_about_is_closed(board, name, state):
    run = submitted(spec("one"))
    transitions.settle(claimed(run, "one"), "completed", ALICE, output={})
    effect = engine.effects.create(
        run=run, task=engine.tasks.get(run=run), key="k", kind="once", name="pay", request={"usd": 9},
        request_hash="0" * 64, fence=1, state="unknown",
    )  # fmt: skip
    done(board, "effect", effect.pk, name)
    effect.refresh_from_db()
    assert effect.state == state
    assert last() == ("ann", "effect.decided", "success", "board")
    assert board.post(dialog("effect", effect.pk, name), {"reason": "again"}).status_code == 409


def test_who_comes_second_is_told_kindly_and_the_log_has_it_as_a_failure(cast, board):
    approval, filed = asked(), cast.alice.files()
    say(approval, actor="zoe")
    cast.bob.post(f"/api/v2/work-orders/{filed}/cancel")
    for noun, key, name, said in (
        ("approval", approval.pk, "reject", {"hash": approval.hash}), ("order", filed, "pause", {}),
    ):  # fmt: skip
        late = board.post(dialog(noun, key, name), {"reason": "because", **said})
        assert late.status_code == 409
        assert "Somebody was faster" in late.content.decode()
        assert last()[0::2] == ("ann", "failure")
    assert (
        "approved by zoe"
        in board.post(dialog("approval", approval.pk, "approve"), {"hash": approval.hash}).content.decode()
    )
    assert status(filed) == "cancelled"


@pytest.mark.parametrize("name", ["cancel", "escalate", "respond"])
def test_what_needs_a_reason_is_not_done_without_one(cast, board, name):
    filed = cast.alice.files()
    page = board.post(dialog("order", filed, name), {"reason": "  "})
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()
    assert status(filed) == "queued"


def targets(cast: Cast) -> dict[str, object]:
    pricebook.install()
    roles.install()
    filed = cast.alice.files()
    ProviderKey.objects.create(provider="anthropic", locked="x", prefix="sk-ant-", set_by="ann")
    run = submitted(spec("one"))
    effect = engine.effects.create(
        run=run, task=engine.tasks.get(run=run), key="k", kind="once", name="pay", request={}, request_hash="0" * 64,
        fence=1,
    )  # fmt: skip
    version = RoleVersion.objects.get(role="intern")
    return {"order": filed, "approval": asked().pk, "budget": f"order/{filed}", "effect": effect.pk,
            "role": version.pk, "keys": "new", "key": "anthropic"}  # fmt: skip


def test_whoever_may_only_look_acts_nowhere_and_strangers_are_sent_to_the_door(cast):
    of = targets(cast)
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
    client, stranger, member = Client(), Client(), Client()
    client.force_login(clerk)
    member.force_login(cast.alice.user)
    before = AuditEntry.objects.count()
    for noun, name in ACTS:
        url = dialog(noun, of[noun], name)
        assert client.get(url).status_code == client.post(url, {"reason": "x"}).status_code == 403, (noun, name)
        for nobody in (stranger, member):
            assert "/admin/login/" in nobody.post(url, {"reason": "x"}).headers["Location"]
    assert AuditEntry.objects.count() == before


def test_every_dialog_opens_changes_nothing_and_refuses_a_forged_post(cast, board):
    of = targets(cast)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="ann"))
    before = AuditEntry.objects.count()
    for noun, name in ACTS:
        url = dialog(noun, of[noun], name)
        assert board.get(url).status_code == 200, (noun, name)
        assert board.put(url).status_code == 405
        assert strict.post(url, {"reason": "x", "hash": "0" * 64}).status_code == 403
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("noun", "key", "name"),
    [("order", "WO-20990101-0001", "pause"), ("order", "\x00", "pause"), ("approval", "9" * 30, "approve"),
     ("approval", "x", "approve"), ("budget", "planet/mars", "raise"), ("budget", "order/WO-1", "raise"),
     ("order", "x", "explode"), ("nothing", "x", "pause"), ("effect", "0", "happened"), ("key", "nobody", "forget")],
)  # fmt: skip
def test_what_there_is_not_is_a_404(board, noun, key, name):
    url = dialog(noun, key, name) if "\x00" not in key else dialog(noun, "x", name).replace("/x/", "/%00/")
    assert board.get(url).status_code == 404
    assert board.post(url, {"reason": "x"}).status_code == 404


def test_one_goes_back_to_where_one_came_from_and_never_elsewhere(cast, board):
    filed = cast.alice.files()
    for there, back in (
        ("/admin/?kind=call", "/admin/?kind=call"),
        ("https://evil.example/", None),
        ("//evil.example", None),
    ):
        answer = board.post(dialog("order", filed, "pause" if status(filed) != "paused" else "resume"), {"next": there})
        assert answer.status_code == 302
        assert answer.headers["Location"] == (back or reverse(
            "admin:workorders_workorder_change", args=[order(filed).pk]))  # fmt: skip


def test_a_role_goes_back_to_what_it_was_and_every_version_shows_what_it_changed(board):
    pricebook.install()
    roles.install()
    was = Role.objects.get(name="intern").system_prompt
    roles.change("intern", actor="zoe", reason="bolder", system_prompt="You are bold.", max_output_tokens=1_000)
    first, second = RoleVersion.objects.filter(role="intern").order_by("version")
    page = board.get(reverse("admin:agents_roleversion_change", args=[second.pk])).content.decode()
    assert "<ins>+ You are bold.</ins>" in page
    assert "<del>- 8000</del>" in page
    assert dialog("role", second.pk, "rollback") not in page
    assert (
        dialog("role", first.pk, "rollback")
        in board.get(reverse("admin:agents_roleversion_change", args=[first.pk])).content.decode()
    )
    done(board, "role", first.pk, "rollback")
    now = Role.objects.get(name="intern")
    assert (now.system_prompt, now.max_output_tokens, now.version) == (was, 8_000, 3)
    assert AuditEntry.objects.filter(action="role.changed").order_by("-id")[0].actor == "ann"


def test_a_key_is_written_and_never_shown(board, settings):
    settings.NEXUS_KEYS_SECRET = "first secret"
    secret = "sk-ant-quagga-0123456789"
    page = done(board, "keys", "new", "set", provider="anthropic", key=secret)
    assert "sk-ant-" in page.content.decode()
    row = ProviderKey.objects.get(provider="anthropic")
    seen = [
        page, board.get(reverse("admin:agents_providerkey_changelist")), board.get(dialog("keys", "new", "set")),
        board.get(reverse("admin:agents_providerkey_change", args=[row.pk])),
        board.post(dialog("keys", "new", "set"), {"provider": "nobody", "key": secret}),
        board.get(reverse("admin:workorders_auditentry_changelist")),
    ]  # fmt: skip
    for one in seen:
        assert "quagga" not in one.content.decode()
        assert row.locked not in one.content.decode()
    assert (
        "printable ASCII"
        in board.post(
            dialog("keys", "new", "set"), {"provider": "anthropic", "key": "schlüssel und mehr"}
        ).content.decode()
    )
    done(board, "key", "anthropic", "forget", reason="")
    assert not ProviderKey.objects.exists()
    assert last()[:2] == ("ann", "provider_key.removed")

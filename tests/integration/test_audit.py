"""The audit log: every act has its entry, written with it, and none is changed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from agents import keys, roles
from billing import budgets, pricebook
from nexus import engine
from nexus.gates.remind import expire_once
from nexus.tasks import transitions
from nexus.upkeep.rescuer import rescue_once
from nexus.upkeep.timers import make_due_ready
from tests.support.gates import asked, pass_time, say
from tests.support.people import ORDERS, Cast, a_cast, order
from tests.support.runs import ALICE, claimed, spec, submitted, task
from tests.support.stories import carried_out, models_answered
from workorders import audit
from workorders.audit import catalog
from workorders.audit.models import AuditEntry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def entries(**of: object) -> list[tuple[str, str, str]]:
    return [(one.actor, one.action, one.status) for one in AuditEntry.objects.filter(**of).order_by("id")]


def test_an_order_is_told_from_its_filing_to_its_end_with_who_and_through_which_door(cast):
    filed = cast.alice.files()
    cast.bob.post(f"{ORDERS}/{filed}/pause", {"reason": "lunch"})
    cast.bob.post(f"{ORDERS}/{filed}/resume", **{"User-Agent": "nexus-terminal"})
    cast.alice.post(f"{ORDERS}/{filed}/cancel")

    found = list(AuditEntry.objects.of_order(filed).order_by("id"))
    assert [(one.actor, one.action, one.channel) for one in found] == [
        ("alice", "order.accepted", "api"), ("bob", "run.paused", "api"), ("bob", "run.resumed", "cli"),
        ("alice", "run.cancel_requested", "api"),
    ]  # fmt: skip
    assert {one.project for one in found} == {str(cast.acme.pk)}
    assert found[1].details == {"reason": "lunch"}


def test_an_order_that_is_carried_out_is_told_by_those_who_worked_on_it(cast):
    with models_answered():
        filed = carried_out(order(cast.alice.files()))
    assert entries(order=filed.public_id) == [
        ("alice", "order.accepted", "success"), ("admin", "order.triaged", "info"), ("worker", "order.quoted", "info"),
        ("ceo", "order.reviewed", "success"), ("director", "order.delivered", "success"),
    ]  # fmt: skip


def test_an_entry_is_written_with_its_act_or_not_at_all(cast):
    run = order(cast.alice.files()).run
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        transitions.pause(transitions.lock_run(run.pk), data={"actor": "ann"})
        assert AuditEntry.objects.filter(action="run.paused").exists()
        1 / 0  # noqa: B018
    assert not AuditEntry.objects.filter(action="run.paused").exists()


def test_what_a_person_decides_is_told_once():
    approval = asked()
    say(approval, "reject", reason="too dear", channel="telegram")
    assert entries() == [
        ("worker", "approval.requested", "info"), ("ann", "approval.decided", "success"),
        ("ann", "run.cancel_requested", "success"),
    ]  # fmt: skip
    decided = AuditEntry.objects.get(action="approval.decided")
    assert (decided.channel, decided.details["decision"], decided.details["task"]) == ("telegram", "reject", "one")
    assert audit.said(decided) == "decided (reject) – too dear"


def test_an_approval_is_told_once_and_not_again_as_a_release():
    say(asked())
    assert entries() == [("worker", "approval.requested", "info"), ("ann", "approval.decided", "success")]


def test_what_time_decides_is_the_dispatchers():
    approval = asked(expires_after=60, on_timeout="reject")
    pass_time(approval, "expires_at")
    assert expire_once() == 1
    assert ("dispatcher", "approval.expired", "warning") in entries()


def test_a_worker_that_died_and_a_task_that_gave_up_are_told():
    run = submitted(spec("one", max_attempts=2))
    for _ in range(2):
        engine.tasks.filter(run=run, state="pending").update(not_before=Now())
        make_due_ready()
        claimed(run, "one")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE nexus_lease SET expires_at = clock_timestamp() - interval '1 hour'")
        assert rescue_once() == 1
    assert entries() == [("dispatcher", "task.failed", "warning"), ("dispatcher", "task.dead", "failure")]
    engine.redrive(task_id=task(run, "one").pk, actor="ann", reason="mended")
    assert entries()[-1] == ("ann", "task.redriven", "success")


def test_limits_roles_and_keys_are_told_and_no_secret_is(cast, settings):
    settings.NEXUS_KEYS_SECRET = "first secret"
    filed = cast.alice.files()
    pricebook.install()
    roles.install()
    with transaction.atomic():
        budgets.change_limit(kind="order", key=filed, limit=Decimal(2), actor="ann", reason="worth it")
    roles.change("intern", actor="ann", reason="shorter", max_output_tokens=4_000)
    keys.put("anthropic", "sk-ant-very-secret-indeed", actor="ann")
    keys.of("anthropic")
    keys.forget("anthropic", actor="bob")

    changed = AuditEntry.objects.get(action="budget.changed")
    assert (changed.order, changed.project, changed.details["limit_usd"]) == (filed, str(cast.acme.pk), "2.000000000")
    assert entries(action="role.changed", actor="ann") == [("ann", "role.changed", "success")]
    assert entries(action__startswith="provider_key") == [
        ("ann", "provider_key.set", "success"), ("bob", "provider_key.removed", "success"),
    ]  # fmt: skip
    assert "secret" not in str([one.details for one in AuditEntry.objects.all()])


@pytest.mark.parametrize(
    "statement", ["UPDATE workorders_auditentry SET actor = 'x'", "DELETE FROM workorders_auditentry"]
)
def test_no_entry_is_changed_and_none_removed(statement):
    audit.record(action="api_key.issued", actor="ann")
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_no_table_tells_can_be_recorded():
    audit.record(
        action="approval.refused", actor="eve", status="failure", channel="telegram", order="WO-1", why="a\x00b"
    )
    (found,) = audit.recent(10, order="WO-1")
    assert (found.actor, found.status, found.details) == ("eve", "failure", {"why": "ab"})


def test_the_newest_come_first_and_a_project_sees_its_own(cast):
    ours, theirs = cast.alice.files(), cast.charlie.files()
    assert [one.order for one in audit.recent(1)] == [theirs]
    assert [one.order for one in audit.recent(10, project="acme")] == [ours]
    assert [one.order for one in audit.recent(10, projects=[cast.umbra.pk])] == [theirs]
    assert audit.recent(10, project="nobodys") == []


def test_what_merely_moves_is_not_told():
    run = submitted(spec("one"))
    transitions.settle(claimed(run, "one"), "completed", ALICE, output={})
    assert entries() == []


def test_every_kind_that_is_taken_has_a_word():
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'audit_event'")
        source = cursor.fetchone()[0]
    kinds = source[source.index("ARRAY[") : source.index("]")].split("'")[1::2]
    assert len(kinds) > 20
    assert [kind for kind in kinds if kind not in catalog.WORDS] == []

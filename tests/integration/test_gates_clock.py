"""What time does to approvals: reminds, lets others decide, decides by default."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from nexus import engine
from nexus.gates.errors import AlreadyDecided, NotAnApprover
from nexus.upkeep.chores import do_chores
from tests.support.engine_facts import check_promises
from tests.support.gates import asked, pass_time, say
from tests.support.runs import kinds, spec, states, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_has_to_decide_is_reminded_once_when_it_is_due_and_again_later():
    approval = asked(remind_every=600, approvers=("ann",))
    do_chores()
    assert "approval.reminded" not in kinds(approval.run)
    for count in (1, 2):
        pass_time(approval, "remind_at")
        do_chores()
        do_chores()
        approval.refresh_from_db()
        assert approval.reminders == count == kinds(approval.run).count("approval.reminded")
    assert engine.approvals.filter(remind_at__gt=Now()).count() == 1
    say(approval)
    pass_time(approval, "remind_at")
    do_chores()
    assert kinds(approval.run).count("approval.reminded") == 2


def test_others_may_decide_when_those_who_were_named_do_not():
    approval = asked(approvers=("ann",), escalate_after=60, escalate_to=("bo",))
    with pytest.raises(NotAnApprover):
        say(approval, actor="bo")
    pass_time(approval, "escalate_at")
    do_chores()
    do_chores()
    assert [event.data["to"] for event in engine.events.of(approval.run_id) if event.kind == "approval.escalated"] == [
        ["bo"]
    ]
    assert set(engine.approvals.for_person("bo")) == {approval} == set(engine.approvals.for_person("ann"))
    assert say(approval, actor="bo").outcome == "approved"


def test_where_anybody_may_decide_an_escalation_shuts_nobody_out():
    approval = asked(escalate_after=60, escalate_to=("bo",))
    pass_time(approval, "escalate_at")
    do_chores()
    assert say(approval, actor="zoe").outcome == "approved"


@pytest.mark.parametrize(
    ("default", "outcome", "state"), [("approve", "approved", "completed"), ("reject", "rejected", "cancelled")]
)
def test_time_decides_as_it_was_told(default, outcome, state):
    approval = asked(expires_after=60, on_timeout=default)
    pass_time(approval, "expires_at")
    do_chores()
    do_chores()
    approval.refresh_from_db()
    assert (approval.outcome, approval.decided_by, approval.expired_at is not None) == (outcome, "", True)
    assert work(approval.run).state == state
    vote = engine.Vote.objects.get(approval=approval)
    assert (vote.actor, vote.word, vote.decides) == ("", default, True)
    assert kinds(approval.run).count("approval.expired") == 1
    with pytest.raises(AlreadyDecided, match="by time"):
        say(approval)
    check_promises()


def test_who_comes_after_the_end_and_before_the_dispatcher_finds_what_time_decided():
    approval = asked(expires_after=60, on_timeout="reject")
    pass_time(approval, "expires_at")
    with pytest.raises(AlreadyDecided) as late:
        say(approval)
    assert late.value.facts["standing"]["outcome"] == "rejected"
    assert states(approval.run)["one"] == "cancelled"
    check_promises()


def test_where_time_decides_nothing_people_still_may():
    approval = asked(expires_after=60)
    pass_time(approval, "expires_at")
    do_chores()
    do_chores()
    assert kinds(approval.run).count("approval.expired") == 1
    assert say(approval).outcome == "approved"


def test_a_death_that_ends_the_run_takes_its_approvals_along():
    gated, bad = spec("one", "test.proposes"), spec("bad", "test.answers", input={"answer": "refused"})
    run = submitted(gated, bad, on_failure="fail")
    assert work(run).state == "failed"
    (approval,) = engine.approvals.filter(run=run)
    assert approval.outcome is None
    pass_time(approval, "asked_at")
    engine.approvals.update(expires_at=F("asked_at"), on_timeout="approve")
    before = kinds(run)
    do_chores()
    approval.refresh_from_db()
    assert approval.outcome == "withdrawn"
    assert kinds(run) == before, "nothing is said in a run that has ended"
    check_promises()


def test_the_dispatcher_opens_gates():
    run = submitted(spec("one"), spec("two", gate=engine.Gate(message="So?"), after=("one",)))
    work(run)
    do_chores()
    assert task(run, "two").state == "waiting_approval"


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        ("DELETE FROM nexus_vote", "one_decision"),
        ("UPDATE nexus_vote SET decides = false", "one_decision"),
        ("UPDATE nexus_approval SET outcome = NULL, decided_at = NULL", "one_decision"),
        ("DELETE FROM nexus_approval WHERE outcome IS NULL", "gates"),
    ],
)
def test_a_decision_that_nobody_took_and_a_gate_that_nobody_can_open_are_counted(damage, name):
    say(asked())
    asked()
    assert [broken for broken in engine.count_broken() if broken.rows] == []
    with connection.cursor() as cursor:
        cursor.execute(damage)
    assert {broken.name for broken in engine.count_broken() if broken.rows} == {name}

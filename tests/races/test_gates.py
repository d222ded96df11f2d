"""Many people, and time, decide about the same thing at the same moment."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from django.db import transaction

from nexus import engine
from nexus.gates.ask import open_gates
from nexus.gates.errors import AlreadyDecided, AlreadyVoted, Superseded
from nexus.gates.remind import expire_once, remind_once
from nexus.tasks import transitions
from tests.support.engine_facts import check_promises
from tests.support.gates import asked, pass_time, say
from tests.support.rivals import Rival, wait_until_blocked
from tests.support.runs import kinds, spec, states, submitted, work

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("approve", "reject", "revise", "respond")


def at_once(*acts) -> list:
    """Have rivals act at the same moment; return what came of each."""
    barrier = threading.Barrier(len(acts))

    def acting(act):
        barrier.wait(20)
        return act()

    rivals = [Rival(lambda act=act: acting(act)) for act in acts]
    for rival in rivals:
        rival.start()
    return [rival.ended(60) for rival in rivals]


def decided(approval: engine.Approval) -> engine.Approval:
    """As it was decided, once, by one word; and the feed says so once."""
    assert kinds(approval.run).count("approval.decided") == 1
    assert engine.Vote.objects.filter(approval=approval, decides=True).count() == 1
    check_promises()
    return engine.approvals.get(pk=approval.pk)


def test_of_twenty_who_decide_at_once_one_does_and_the_others_are_told_who():
    approval = asked()
    acts = [
        lambda name=f"p{number}", word=WORDS[number % 4]: say(approval, word, name, reason="so") for number in range(20)
    ]
    answers = at_once(*acts)
    winners = [answer for answer in answers if not isinstance(answer, Exception)]
    losers = [answer for answer in answers if isinstance(answer, AlreadyDecided)]
    assert (len(winners), len(losers)) == (1, 19), Counter(type(answer).__name__ for answer in answers)
    final = decided(approval)
    assert {error.facts["standing"]["decided_by"] for error in losers} == {final.decided_by} == {winners[0].decided_by}
    assert {error.facts["standing"]["outcome"] for error in losers} == {final.outcome}


def test_one_person_who_approves_on_two_screens_has_approved_once():
    approval = asked(quorum=2)
    answers = at_once(*[lambda: say(approval, actor="ann")] * 6)
    assert sum(isinstance(answer, AlreadyVoted) for answer in answers) == 5
    assert engine.approvals.get(pk=approval.pk).votes == 1
    assert engine.approvals.get(pk=approval.pk).outcome is None


def test_a_quorum_that_is_reached_by_many_at_once_is_reached_once():
    approval = asked(quorum=5)
    answers = at_once(*[lambda name=f"p{number}": say(approval, actor=name) for number in range(12)])
    assert sum(isinstance(answer, AlreadyDecided) for answer in answers) == 7
    assert engine.Vote.objects.filter(approval=approval).count() == 5
    assert decided(approval).outcome == "approved"


@pytest.mark.parametrize("first", ["a person", "time"])
def test_a_person_and_time_leave_one_decision(first):
    approval = asked(expires_after=60, on_timeout="reject")
    person, time = Rival(lambda: say(approval, actor="ann")), Rival(expire_once)
    if first == "time":
        pass_time(approval, "expires_at")
    with transaction.atomic():
        transitions.lock_run(approval.run_id)
        (person if first == "a person" else time).start()
        wait_until_blocked()
        if first == "a person":
            # Its time runs out while the person waits for the run: what they say comes too late.
            pass_time(approval, "expires_at")
    (person if first == "a person" else time).ended()
    (time if first == "a person" else person).start()
    assert isinstance(person.ended(), AlreadyDecided)
    assert time.ended() == (0 if first == "a person" else 1)
    approval.refresh_from_db()
    assert (approval.outcome, approval.decided_by) == ("rejected", "")
    assert engine.Vote.objects.filter(approval=approval, decides=True).count() == 1
    assert states(approval.run)["one"] == "cancelled"
    check_promises()


def test_time_and_twenty_people_leave_one_decision():
    approval = asked(expires_after=60, on_timeout="approve")
    pass_time(approval, "expires_at")
    acts = [lambda name=f"p{number}": say(approval, "reject", name, reason="no") for number in range(10)]
    answers = at_once(expire_once, *acts, expire_once)
    assert sum(isinstance(answer, AlreadyDecided) for answer in answers) == 10
    assert engine.approvals.get(pk=approval.pk).outcome == "approved"
    assert kinds(approval.run).count("approval.expired") == 1
    assert work(approval.run).state == "completed"
    check_promises()


def test_who_approves_what_is_being_changed_approves_nothing():
    approval = asked()
    approving = Rival(lambda: say(approval))
    changing = Rival(lambda: engine.amend(approval_id=approval.pk, content={"text": "another"}))
    with transaction.atomic():
        transitions.lock_run(approval.run_id)
        changing.start()
        wait_until_blocked()
    assert changing.ended().content == {"text": "another"}
    approving.start()
    assert isinstance(approving.ended(), Superseded)
    assert states(approval.run)["one"] == "waiting_approval"


def test_a_cancel_and_a_decision_leave_one_ending():
    approval = asked()
    answers = at_once(lambda: say(approval), lambda: engine.cancel(run_id=approval.run_id, actor="bo"))
    assert answers[1] is None
    final = engine.approvals.get(pk=approval.pk)
    assert final.outcome in ("approved", "withdrawn")
    assert isinstance(answers[0], AlreadyDecided) == (final.outcome == "withdrawn")
    assert states(approval.run) == {"one": "cancelled", "two": "cancelled"}
    check_promises()


def test_many_dispatchers_remind_once_and_open_a_gate_once():
    approval = asked(remind_every=600)
    run = submitted(spec("one"), spec("two", gate=engine.Gate(message="So?"), after=("one",)))
    work(run)
    pass_time(approval, "remind_at")
    answers = at_once(*[remind_once, open_gates] * 5)
    assert sum(answers) == 2
    assert kinds(approval.run).count("approval.reminded") == 1
    assert engine.approvals.filter(run=run).count() == 1
    check_promises()

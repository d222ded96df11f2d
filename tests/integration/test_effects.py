"""An effect is done once, or a person is asked: against a payment server that keeps a journal of its own."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from nexus import engine
from nexus.effects.left import close_left
from nexus.errors import LeaseLost
from nexus.execution.context import Context
from nexus.upkeep.rescuer import rescue_once
from tests.support.deliveries import delivered, end_lease, make_ready, pass_lease
from tests.support.gates import say
from tests.support.model_calls import an_execution, taken_again
from tests.support.payments import Payments, payments
from tests.support.runs import kinds, spec, submitted, task, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def careless():
    """A server that charges whatever it is sent."""
    with payments() as server:
        yield server


@pytest.fixture(scope="module")
def careful():
    """One that charges a key once."""
    with payments(honours_keys=True) as server:
        yield server


def paying(server: Payments, kind: str = "once", **given) -> engine.Run:
    return submitted(spec("pay", "test.pays", input={"url": server.url, "kind": kind, **given}))


def effect(run: engine.Run) -> engine.Effect:
    return engine.effects.get(run=run)


def asked(run: engine.Run) -> engine.Approval:
    return engine.approvals.waiting().get(run=run)


@pytest.mark.parametrize("kind", ["read", "idempotent", "once"])
def test_without_a_crash_it_is_done_and_kept(careless, kind):
    before = careless.charged()
    run = work(paying(careless, kind))
    assert (run.state, careless.charged() - before) == ("completed", 1)
    kept = effect(run)
    assert (kept.state, kept.response["amount"], task(run, "pay").output["replayed"]) == ("done", 5, False)


@pytest.mark.parametrize("point", ["K12", "K17"])
def test_a_once_effect_of_a_dead_worker_is_asked_about_and_done_at_most_once(careless, point):
    before = careless.charged()
    run = paying(careless)
    assert delivered(run, "pay", crash=point) == -signal.SIGKILL
    already = careless.charged() - before
    assert already == (point == "K17"), "it died before the act, or after it"
    assert effect(run).state == "intent"

    pass_lease(run, "pay")
    work(run)
    approval = asked(run)
    assert (effect(run).state, task(run, "pay").state, approval.content["request"]["amount"]) == (
        "unknown", "waiting_approval", 5,
    )  # fmt: skip
    assert careless.charged() - before == already, "nobody has repeated it"

    if already:
        say(approval, "respond", reason="charge 77 is in the books")
    else:
        say(approval, "approve")
    assert work(run).state == "completed"
    assert careless.charged() - before == 1
    said = {"said": "charge 77 is in the books"} if already else {"charge": careless.charged(), "amount": 5}
    assert (effect(run).state, task(run, "pay").output["paid"]) == ("done", said)
    assert {"effect.unknown", "effect.decided"} <= set(kinds(run))


def test_what_came_of_it_is_replayed_after_a_crash_that_came_later(careless):
    before = careless.charged()
    run = paying(careless)
    assert delivered(run, "pay", crash="K18") == -signal.SIGKILL
    pass_lease(run, "pay")
    assert work(run).state == "completed"
    assert (careless.charged() - before, task(run, "pay").output["replayed"]) == (1, True)


@pytest.mark.parametrize("point", ["K12", "K17"])
def test_an_idempotent_effect_is_repeated_with_the_same_key(careful, point):
    before, requests = careful.charged(), len(careful.journal())
    run = paying(careful, "idempotent")
    assert delivered(run, "pay", crash=point) == -signal.SIGKILL
    pass_lease(run, "pay")
    assert work(run).state == "completed"
    sent = careful.journal()[requests:]
    assert (careful.charged() - before, {entry["key"] for entry in sent}) == (1, {str(effect(run).outside_key)})
    assert (len(sent), effect(run).tries) == (1 + (point == "K17"), 2)


def test_a_decision_to_do_it_counts_for_one_try(careless):
    before = careless.charged()
    run = paying(careless)
    assert delivered(run, "pay", crash="K12") == -signal.SIGKILL
    pass_lease(run, "pay")
    work(run)
    say(asked(run), "approve")
    assert delivered(run, "pay", crash="K17") == -signal.SIGKILL
    pass_lease(run, "pay")
    work(run)
    second = asked(run)
    assert (careless.charged() - before, second.content["tried"], engine.approvals.count()) == (1, 2, 2)
    say(second, "respond", reason="it did happen")
    assert (work(run).state, careless.charged() - before) == ("completed", 1)


def test_a_person_may_leave_it_undone(careless):
    before = careless.charged()
    run = paying(careless)
    assert delivered(run, "pay", crash="K12") == -signal.SIGKILL
    pass_lease(run, "pay")
    work(run)
    say(asked(run), "reject", reason="not this year")
    assert work(run).state == "completed"
    assert "not this year" in task(run, "pay").output["failed"]
    assert (effect(run).state, careless.charged() - before) == ("failed", 0)


def test_an_answer_that_was_cut_is_a_doubt(careless):
    before = careless.charged()
    run = work(paying(careless, note="cut"))
    assert (effect(run).state, careless.charged() - before) == ("unknown", 1)
    assert "RemoteProtocolError" in asked(run).content["error"]


def test_an_idempotent_one_that_was_cut_is_tried_again_with_the_same_key(careful):
    run = work(paying(careful, "idempotent", note="cut"))
    make_ready(run, "pay")
    before = careful.charged()
    work(run)
    assert (careful.charged() - before, effect(run).tries, effect(run).state) == (0, 2, "intent")


@pytest.mark.parametrize("again", [False, True])
def test_what_surely_did_not_happen_is_remembered_unless_it_may_work_again(careless, again):
    run = work(paying(careless, note="declined", again=again))
    assert (effect(run).state, task(run, "pay").output) == ("failed", {"failed": "the card was declined"})
    assert effect(run).error["again"] is again


def performed(context: Context, act, **given) -> engine.Performed:
    told = {"key": "k", "kind": "once", "name": "send", "request": {"to": "ann"}} | given
    return engine.perform(context, act=act, **told)


def no_act(key: str) -> dict[str, str]:
    raise AssertionError("it was done again")


def test_a_failure_that_may_work_again_is_tried_again():
    context = an_execution()

    def refuse(key: str):
        raise engine.EffectFailed("nobody listens", again=True)

    with pytest.raises(engine.EffectFailed):
        performed(context, refuse)
    assert performed(context, lambda key: {"sent": key}).response == {"sent": str(engine.effects.get().outside_key)}


def test_a_failure_for_good_is_replayed():
    context = an_execution()

    def refuse(key: str):
        raise engine.EffectFailed("no such person", detail={"field": "to"})

    for act in (refuse, no_act):
        with pytest.raises(engine.EffectFailed, match="no such person") as raised:
            performed(context, act)
        assert raised.value.detail == {"field": "to"}


@pytest.mark.parametrize("kind", ["read", "idempotent", "once"])
def test_another_request_under_a_known_key_is_refused(kind):
    context = an_execution()
    performed(context, lambda key: {}, kind=kind)
    with pytest.raises(engine.EffectChanged):
        performed(context, no_act, request={"to": "bo"}, kind=kind)


def test_what_was_read_is_what_is_read_again():
    first = an_execution()
    assert performed(first, lambda key: {"page": 1}, kind="read").response == {"page": 1}
    again = performed(taken_again(first), no_act, kind="read")
    assert (again.response, again.replayed) == ({"page": 1}, True)


def test_a_late_worker_does_not_act():
    late = an_execution()
    taken_again(late)
    for kind in ("read", "idempotent", "once"):
        with pytest.raises(LeaseLost):
            performed(late, no_act if kind != "read" else lambda key: {}, kind=kind, key=kind)
    assert not engine.effects.exists()


def test_what_a_zombie_did_is_known_to_whoever_has_the_task_now():
    """It slept while it acted; the task was taken and its effect became unknown; then it comes back with the answer."""
    zombie = an_execution()
    later: list[Context] = []

    def slowly(key: str):
        later.append(taken_again(zombie))
        with pytest.raises(engine.PeopleAsked):
            performed(later[0], no_act)
        return {"sent": True}

    assert performed(zombie, slowly).response == {"sent": True}
    assert performed(later[0], no_act).response == {"sent": True}
    assert engine.effects.get().state == "done"


def test_whoever_slept_between_intent_and_act_does_not_act(monkeypatch):
    context = an_execution()
    with monkeypatch.context() as slept:
        slept.setattr("nexus.effects.perform.dials", lambda: SimpleNamespace(lease_for=-1.0))  # any time is too long
        with pytest.raises(LeaseLost):
            performed(context, no_act)
    assert engine.effects.get().state == "failed"
    assert performed(taken_again(context), lambda key: {"sent": 1}).response == {"sent": 1}, "nobody had to be asked"


def test_what_no_column_can_hold_is_kept_all_the_same():
    odd = {"text": "a\x00b\ud800", "ratio": float("nan"), "set": {1}}
    assert performed(an_execution(), lambda key: odd).response == {"text": "a�b?", "ratio": "nan", "set": "{1}"}


def test_an_intent_of_a_cancelled_task_is_said_to_be_unknown(careless):
    run = paying(careless)
    assert delivered(run, "pay", crash="K12") == -signal.SIGKILL
    engine.cancel(run_id=run.pk)
    assert close_left() == 0, "its worker may still be at it"
    end_lease(run, "pay")
    rescue_once()
    assert (close_left(), close_left()) == (1, 0)
    assert (task(run, "pay").state, effect(run).state) == ("cancelled", "unknown")

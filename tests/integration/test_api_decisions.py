"""What a person does over HTTP where an order needs one: answer, release, redrive."""

from __future__ import annotations

import pytest

from apps.accounts.models import Membership, Role
from nexus import engine
from tests.support.people import ORDERS, Cast, a_cast, order
from tests.support.runs import spec, states, submitted, work
from tests.support.stories import carried_out, models_answered
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def an_order_of(cast: Cast, *tasks: tuple[str, str], **given: object) -> WorkOrder:
    """An order of Acme that has done what it could: tasks by key, and what each answers."""
    specs = [spec(key, "test.answers", input={"answer": answer}) for key, answer in tasks]
    run = submitted(*specs, **given)
    work(run)
    return WorkOrder.objects.create(
        public_id=f"WO-20260101-{run.pk:04}", project=cast.acme, run_id=run.pk, message="Compare three message brokers"
    )


def told(cast: Cast, filed: WorkOrder, kind: str) -> list[dict[str, object]]:
    events = cast.alice.get(f"{ORDERS}/{filed.public_id}/events").json()["results"]
    return [event["data"] for event in events if event["kind"] == kind]


def test_an_answer_lets_an_unclear_order_go_on(cast):
    with models_answered():
        filed = carried_out(order(cast.alice.files("help")))
        answer = cast.bob.post(f"{ORDERS}/{filed.public_id}/answer", {"text": "A packing list for a week in the hills"})
        filed = carried_out(filed)

    assert (answer.status_code, answer.json()["status"]) == (200, "in_progress")
    assert filed.message == "help\n\nA packing list for a week in the hills"
    assert cast.alice.get(f"{ORDERS}/{filed.public_id}").json()["status"] == "completed"
    assert told(cast, filed, "task.unparked") == [{"actor": "bob", "reason": "answered", "channel": "api"}]


def test_an_answer_that_nobody_asked_for_is_a_conflict(cast):
    filed = cast.alice.files()
    parked = an_order_of(cast, ("one", "park"))

    answers = [cast.alice.post(f"{ORDERS}/{each}/answer", {"text": "So"}) for each in (filed, parked.public_id)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "not_waiting")] * 2
    assert order(filed).message == "Compare three message brokers"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"text": " \n"}, "blank"),
        ({"text": "x" * 20_001}, "max_length"),
        ({"text": 5}, "invalid"),
        ({"text": None}, "null"),
    ],
)
def test_an_answer_that_says_nothing_or_too_much_is_refused_where_it_stands(cast, body, code):
    answer = cast.alice.post(f"{ORDERS}/{cast.alice.files()}/answer", body)

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("#/text", code)]


def test_an_answer_sent_twice_is_heard_once(cast):
    key = {"Idempotency-Key": "a-1"}
    with models_answered():
        filed = carried_out(order(cast.alice.files("help")))
        path = f"{ORDERS}/{filed.public_id}/answer"
        first = cast.alice.post(path, {"text": "A packing list"}, **key)
        again = cast.alice.post(path, {"text": "A packing list"}, **key)

    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert order(filed.public_id).message == "help\n\nA packing list"
    assert len(told(cast, filed, "task.unparked")) == 1


def test_what_waits_for_a_decision_is_released(cast):
    filed = an_order_of(cast, ("one", "park"), ("two", "park"), ("three", "refused"))

    answer = cast.bob.post(f"{ORDERS}/{filed.public_id}/release", {"reason": "budget raised"})

    assert answer.status_code == 200
    assert states(filed.run) == {"one": "ready", "two": "ready", "three": "failed"}
    assert told(cast, filed, "task.unparked") == [{"actor": "bob", "reason": "budget raised", "channel": "api"}] * 2


def test_a_question_is_answered_and_not_released(cast):
    with models_answered():
        filed = carried_out(order(cast.alice.files("help")))

    answer = cast.alice.post(f"{ORDERS}/{filed.public_id}/release")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert "answer" in answer.json()["detail"]
    assert states(filed.run) == {"triage": "waiting_approval"}


def test_what_died_is_driven_again_with_all_its_attempts(cast):
    filed = an_order_of(cast, ("one", "refused"), ("two", "park"), ("three", "done"))

    answer = cast.bob.post(f"{ORDERS}/{filed.public_id}/redrive", {"reason": "provider mended"})

    assert answer.status_code == 200
    assert states(filed.run) == {"one": "pending", "two": "waiting_approval", "three": "completed"}
    assert engine.tasks.get(run=filed.run, key="one").attempt == 0
    assert engine.DeadLetter.objects.get(task__run=filed.run).raised_at is not None
    work(filed.run)
    assert states(filed.run)["one"] == "failed"


@pytest.mark.parametrize("move", ["release", "redrive"])
def test_where_nothing_waits_nothing_is_moved(cast, move):
    filed = cast.alice.files()
    before = order(filed).run.last_seq

    answer = cast.alice.post(f"{ORDERS}/{filed}/{move}")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert order(filed).run.last_seq == before


def test_what_died_in_a_run_that_ended_stays_dead(cast):
    filed = an_order_of(cast, ("one", "refused"), on_failure="fail")

    assert cast.alice.post(f"{ORDERS}/{filed.public_id}/redrive").json()["code"] == "illegal_move"
    assert states(filed.run) == {"one": "failed"}


@pytest.mark.parametrize(("move", "body"), [("answer", {"text": "So"}), ("release", {}), ("redrive", {})])
def test_a_decision_is_for_those_who_may_change_the_project(cast, move, body):
    filed = an_order_of(cast, ("one", "park"), ("two", "refused"))
    Membership.objects.filter(user=cast.bob.user).update(role=Role.VIEWER)

    path = f"{ORDERS}/{filed.public_id}/{move}"

    assert cast.bob.post(path, body).json()["code"] == "read_only_member"
    assert cast.charlie.post(path, body).json()["code"] == "not_found"
    assert states(filed.run) == {"one": "waiting_approval", "two": "failed"}


def test_an_order_that_is_escalated_goes_to_the_next_role_with_what_is_not_done_yet(cast):
    run = submitted(
        spec("done", "test.answers", input={"answer": "done", "role": "intern"}),
        spec("dead", "test.answers", input={"answer": "refused", "role": "intern"}, after=("done",)),
        spec("later", "test.answers", input={"answer": "done", "role": "intern"}, after=("dead",)),
        spec("others", "test.answers", input={"answer": "done", "role": "ceo"}, after=("dead",)),
    )
    work(run)
    filed = WorkOrder.objects.create(
        public_id="WO-20260101-7777", project=cast.acme, run_id=run.pk, message="Compare", owner_role="intern"
    )
    answer = cast.bob.post(f"{ORDERS}/{filed.public_id}/escalate", {"reason": "too hard for an intern"})

    assert answer.status_code == 200
    assert answer.json()["owner_role"] == "director"
    roles = {task.key: task.input["role"] for task in engine.tasks.of(run.pk)}
    assert roles == {"done": "intern", "dead": "director", "later": "director", "others": "ceo"}
    assert states(run)["dead"] == "pending"
    (said,) = told(cast, filed, "order.escalated")
    assert (said["from"], said["to"], said["tasks"], said["actor"]) == ("intern", "director", 2, "bob")


def test_above_the_highest_role_there_is_the_board_and_the_order_is_held(cast):
    filed = an_order_of(cast, ("one", "park"))
    WorkOrder.objects.update(owner_role="ceo")
    for _ in range(2):
        answer = cast.bob.post(f"{ORDERS}/{filed.public_id}/escalate", {"reason": "nobody knows"})
        assert (answer.status_code, answer.json()["status"]) == (200, "paused")
    assert [one["to"] for one in told(cast, filed, "order.escalated")] == ["board", "board"]
    cast.bob.post(f"{ORDERS}/{filed.public_id}/cancel")
    assert cast.bob.post(f"{ORDERS}/{filed.public_id}/escalate").status_code == 409

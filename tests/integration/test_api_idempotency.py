"""One order per Idempotency-Key, whatever the network does."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Membership, Role
from apps.api.chores import forget_old_keys
from apps.api.models import IdempotencyKey
from nexus import engine
from nexus.upkeep import chores
from tests.support.people import ORDERS, Cast, Person, a_cast, a_person
from tests.support.rivals import Rival
from workorders.models import Project, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def send(person: Person, key: str = "k-1", message: str = "Once", path: str = ORDERS, **given):
    return person.post(path, {"message": message, **given}, **{"Idempotency-Key": key})


def test_the_same_request_again_is_answered_the_same_and_files_nothing(cast):
    first = send(cast.alice)
    again = send(cast.alice)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert WorkOrder.objects.count() == engine.runs.count() == 1


def test_the_order_of_a_bodys_keys_does_not_make_it_another(cast):
    headers = {"Idempotency-Key": "k-1"}
    first = cast.alice.post(ORDERS, b'{"message": "Once", "priority": 5}', **headers)
    again = cast.alice.post(ORDERS, b'{"priority":5,  "message":"Once"}', **headers)

    assert first.json() == again.json()


def test_another_body_under_the_same_key_is_refused(cast):
    send(cast.alice)

    answer = send(cast.alice, message="Twice")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert answer.json()["errors"][0]["pointer"] == "header:Idempotency-Key"
    assert WorkOrder.objects.count() == 1


def test_a_key_belongs_to_its_user_and_its_endpoint(cast):
    ids = {send(who, path=path).headers["Location"] for who in (cast.alice, cast.bob) for path in (ORDERS, "/api/chat")}

    assert len(ids) == WorkOrder.objects.count() == 4


def test_two_api_keys_for_two_projects_do_not_hear_each_others_answers(cast):
    other = Project.objects.create(slug="other", name="Other")
    first = a_person("dana", other, Role.OWNER, bound_to=other)
    Membership.objects.create(user=first.user, project=cast.acme, role=Role.OWNER)
    from apps.accounts.issuing import issue

    second = Person(first.user, str(issue(user=first.user, name="second", project=cast.acme).token))

    assert send(first).json()["project"] == "other"
    assert send(second).json()["project"] == "acme"


def test_a_refused_request_uses_up_no_key(cast):
    assert send(cast.alice, message="").status_code == 400
    assert send(cast.alice, workflow="nonsense").status_code == 422

    assert IdempotencyKey.objects.count() == 0
    assert send(cast.alice).status_code == 201


def test_while_the_first_is_being_answered_the_second_is_told_to_wait(cast):
    cast.alice.get(ORDERS)  # when the key was used is noted once a minute: not in the transaction below
    may_commit, is_inside = Event(), Event()

    def slowly():
        with transaction.atomic():
            answer = send(cast.alice)
            is_inside.set()
            assert may_commit.wait(10)
        return answer

    first = Rival(slowly)
    first.start()
    assert is_inside.wait(10)

    second = send(cast.alice)
    may_commit.set()

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == "1"
    assert first.ended().status_code == 201
    assert send(cast.alice).json() == first.ended().json()
    assert WorkOrder.objects.count() == 1


def test_many_at_once_file_one(cast):
    rivals = [Rival(lambda: send(cast.alice)) for _ in range(12)]
    for rival in rivals:
        rival.start()
    answers = [rival.ended() for rival in rivals]

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert WorkOrder.objects.count() == engine.runs.count() == 1


def test_a_crash_before_the_answer_leaves_nothing_behind(cast, monkeypatch):
    from apps.api import orders

    def crash(order):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(orders, "filed", crash)
        with pytest.raises(KeyboardInterrupt):
            send(cast.alice)

    assert WorkOrder.objects.count() == IdempotencyKey.objects.count() == 0
    assert send(cast.alice).status_code == 201


def test_after_a_day_a_key_may_be_used_for_something_new(cast):
    send(cast.alice)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert send(cast.alice, message="Something new").status_code == 201
    assert WorkOrder.objects.count() == 2


def test_keys_older_than_a_day_are_forgotten_by_the_clock_and_no_younger_ones(cast):
    send(cast.alice, key="old")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    send(cast.alice, key="young")

    assert "apps.api.chores.forget_old_keys" in chores._registry
    assert forget_old_keys() == 1

    assert [kept.key for kept in IdempotencyKey.objects.all()] == ["young"]
    assert WorkOrder.objects.count() == 2


def test_a_key_that_is_being_replaced_is_not_waited_for(cast):
    send(cast.alice)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))

    with transaction.atomic():
        IdempotencyKey.objects.select_for_update().get()
        elsewhere = Rival(forget_old_keys)
        elsewhere.start()
        assert elsewhere.ended() == 0
    assert forget_old_keys() == 1


def test_a_move_sent_twice_is_answered_the_same(cast):
    filed = cast.alice.files()
    path = f"{ORDERS}/{filed}/cancel"
    first = cast.alice.post(path, {"reason": "late"}, **{"Idempotency-Key": "c-1"})
    again = cast.alice.post(path, {"reason": "late"}, **{"Idempotency-Key": "c-1"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert cast.alice.post(path, {"reason": "other"}, **{"Idempotency-Key": "c-1"}).status_code == 422
    assert cast.alice.post(path).status_code == 409

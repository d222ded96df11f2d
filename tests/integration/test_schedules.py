"""Schedules: one order for each tick, whoever fires it and wherever they die."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Role
from tests.support.people import Cast, a_cast, a_person
from tests.support.rivals import Rival, wait_until_blocked
from workorders.models import Firing, Schedule, WorkOrder
from workorders.schedules import firing

pytestmark = pytest.mark.django_db
SCHEDULES = "/api/v2/schedules"
ORDER = {"message": "Summarise yesterday's incidents", "budget_usd": "0.50", "priority": 7}


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def kept(cast: Cast, cron: str = "*/5 * * * *", **given: Any) -> Schedule:
    answer = cast.alice.post(
        SCHEDULES, {"name": "Report", "cron": cron, "order": ORDER, "project": "acme", **given}
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    return Schedule.objects.get(public_id=answer.json()["id"])


def due(row: Schedule, ago: timedelta = timedelta(0)) -> datetime:
    """Let a tick be due since `ago`."""
    at = timezone.now().replace(second=0, microsecond=0) - ago
    at -= timedelta(minutes=at.minute % 5)
    Schedule.objects.filter(pk=row.pk).update(next_at=at)
    return at


def patch(person: Any, row: Schedule, **given: Any) -> Any:
    return person.client.patch(f"{SCHEDULES}/{row.public_id}", json.dumps(given), content_type="application/json")


def test_a_tick_files_its_order_and_names_the_next(cast):
    row = kept(cast)
    at = due(row)

    assert firing.fire_due() == 1
    assert firing.fire_due() == 0

    order = WorkOrder.objects.get()
    assert (order.message, order.priority, order.requester) == (ORDER["message"], 7, "alice")
    assert str(order.budget_usd).startswith("0.5")
    row.refresh_from_db()
    assert row.next_at == at + timedelta(minutes=5) or row.next_at > timezone.now()
    (tick,) = cast.bob.get(f"{SCHEDULES}/{row.public_id}/ticks").json()["results"]
    assert (tick["outcome"], tick["order"], datetime.fromisoformat(tick["due_at"])) == ("filed", order.public_id, at)


@pytest.mark.parametrize(("missed", "orders", "ticks"), [("once", 1, 1), ("every", 12, 12), ("none", 0, 1)])
def test_of_ticks_that_nobody_was_there_for(cast, missed, orders, ticks):
    row = kept(cast, missed=missed)
    due(row, ago=timedelta(minutes=59))

    firing.fire_due()

    assert orders <= WorkOrder.objects.count() <= orders + (missed == "every")
    assert ticks <= Firing.objects.count() <= ticks + (missed == "every")
    row.refresh_from_db()
    assert row.next_at > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_fire_a_tick_once(cast):
    row = kept(cast)
    due(row)

    with transaction.atomic():
        assert firing.fire_once()
        other = Rival(firing.fire_once)
        other.start()
        assert other.ended() is False  # the row is held: it is passed by
    assert firing.fire_once() is False
    assert WorkOrder.objects.count() == Firing.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_dispatcher_that_dies_on_the_way_has_filed_nothing(cast):
    row = kept(cast)
    at = due(row)

    class Died(BaseException):
        pass

    with pytest.raises(Died), transaction.atomic():
        assert firing.fire_once()
        raise Died
    assert not WorkOrder.objects.exists()
    row.refresh_from_db()
    assert row.next_at == at

    assert firing.fire_once()
    assert WorkOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_schedule_that_is_changed_while_it_fires_fires_once(cast):
    row = kept(cast)
    due(row)
    with transaction.atomic():
        assert firing.fire_once()
        change = Rival(lambda: patch(cast.alice, row, cron="0 0 1 1 *"))
        change.start()
        wait_until_blocked()
    assert change.ended().status_code == 200
    row.refresh_from_db()
    assert (row.next_at.month, row.next_at.day) == (1, 1)
    assert WorkOrder.objects.count() == 1


def test_what_is_refused_when_it_is_due_is_said_so_and_it_goes_on(cast):
    row = kept(cast)
    due(row)
    Schedule.objects.filter(pk=row.pk).update(template={**row.template, "workflow": "no-such"})

    assert firing.fire_due() == 1
    tick = Firing.objects.get()
    assert (tick.outcome, tick.order) == ("refused", "")
    assert "not_offered" in tick.why
    row.refresh_from_db()
    assert row.next_at > timezone.now() - timedelta(seconds=1)


def test_it_is_fired_by_hand_and_switched_off_and_on(cast):
    row = kept(cast)
    fired = cast.bob.post(f"{SCHEDULES}/{row.public_id}/fire", **{"Idempotency-Key": "k"})
    assert fired.status_code == 201
    assert cast.bob.post(f"{SCHEDULES}/{row.public_id}/fire", **{"Idempotency-Key": "k"}).json() == fired.json()
    assert WorkOrder.objects.get().public_id == fired.json()["order"]

    assert patch(cast.bob, row, enabled=False).json()["next_at"] is None
    due(row)
    assert firing.fire_due() == 0
    assert datetime.fromisoformat(patch(cast.bob, row, enabled=True).json()["next_at"]) > timezone.now()
    assert cast.bob.client.delete(f"{SCHEDULES}/{row.public_id}").status_code == 204
    assert WorkOrder.objects.count() == 1


def test_a_zone_is_kept_to(cast):
    row = kept(cast, cron="30 7 * * *", zone="Asia/Shanghai")
    assert row.next_at.astimezone(UTC).strftime("%H:%M") == "23:30"


BAD = [
    {"cron": "* * * * * *"}, {"cron": "31 2 *"}, {"cron": "0 0 31 2 *"}, {"zone": "Mars/Olympus"}, {"cron": 5},
    {"zone": "Europe/Zurich\u0000"}, {"missed": "perhaps"}, {"order": {}}, {"order": {"message": ""}}, {"order": "x"},
    {"order": {"message": "x", "workflow": "no-such"}}, {"order": {"message": "x", "project": "umbra"}},
    {"order": {"message": "x", "budget_usd": "-1"}}, {"order": {"message": "x", "acceptance": [{"kind": "?"}]}},
    {"order": {"message": "x", "tools": ["a b"]}}, {"name": ""}, {"strange": 1},
]  # fmt: skip


@pytest.mark.parametrize("given", BAD, ids=repr)
def test_what_is_no_schedule_is_refused(cast, given):
    answer = cast.alice.post(
        SCHEDULES, {"name": "x", "cron": "@daily", "order": ORDER, "project": "acme", **given}
    )  # fmt: skip

    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["errors"], answer.content
    assert not Schedule.objects.exists()


def test_viewers_look_and_change_nothing(cast):
    row, vera = kept(cast), a_person("vera", cast.acme, Role.VIEWER)

    assert vera.get(f"{SCHEDULES}/{row.public_id}").status_code == 200
    for answer in (
        patch(vera, row, enabled=False),
        vera.post(f"{SCHEDULES}/{row.public_id}/fire"),
        vera.client.delete(f"{SCHEDULES}/{row.public_id}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only_member")

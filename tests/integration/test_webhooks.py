"""Webhooks: what happens is told to a real receiver, signed, at least once, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import override_settings

from apps.accounts.models import Role
from apps.webhooks import delivering, feeding
from apps.webhooks.models import Delivery, Secret, Subscription
from nexus import engine
from nexus.tasks import transitions
from tests.support import runs
from tests.support.people import Cast, a_cast, a_person
from tests.support.receiver import There, receiving
from tests.support.rivals import a_connection
from workorders import audit

pytestmark = pytest.mark.django_db(transaction=True)
HOOKS = "/api/v2/webhooks"


@pytest.fixture(scope="module")
def process() -> Iterator[There]:
    with receiving() as there:
        yield there


@pytest.fixture
def receiver(process: There) -> Iterator[There]:
    process.answers({"status": 204})
    with override_settings(NEXUS_HTTP_ALLOW=["127.0.0.1/32"], NEXUS_HTTP_PORTS=[443, process.port]):
        yield process


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def opened(cast: Cast, receiver: There, *kinds: str) -> dict[str, Any]:
    """A webhook of Alice's; the receiver knows its secret."""
    answer = cast.alice.post(HOOKS, {"url": receiver.url, "kinds": kinds or ["run.*"], "project": "acme"})
    assert answer.status_code == 201, answer.content
    receiver.knows(answer.json()["secret"])
    return dict(answer.json())


def happens(cast: Cast, tenant: str = "") -> engine.Run:
    """A run of Alice's project, from beginning to end."""
    with transaction.atomic():
        run = engine.submit(
            tenant=tenant or str(cast.acme.pk), subject="WO-TEST", tasks=[runs.spec("one", input={"say": 1})]
        )
    return runs.work(run)


def fed() -> None:
    """Write the deliveries of all that has happened."""
    runs.all_complete()
    feeding.feed_all()


def carried() -> list[Delivery]:
    """Feed, and do all that can be done now; every delivery, oldest first."""
    fed()
    for delivery in Delivery.objects.filter(standing="pending"):
        engine.tasks.filter(run_id=delivery.run, state="pending").update(not_before=Now())
        runs.work(engine.runs.get(pk=delivery.run))
    return list(Delivery.objects.order_by("id"))


def mine(receiver: There) -> list[dict[str, Any]]:
    """What came of the deliveries that are in the table now."""
    known = set(Delivery.objects.values_list("public_id", flat=True))
    return [one for one in receiver.taken() if one["id"] in known]


def test_what_happens_is_told_signed_and_once(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    happens(cast)
    happens(cast, tenant=str(cast.umbra.pk))

    (sent,) = carried()
    assert carried() == [sent]

    (came,) = mine(receiver)
    assert (came["verdict"], came["signatures"], came["id"]) == ("ok", 1, sent.public_id)
    told = json.loads(came["body"])
    assert told["type"] == "run.completed"
    assert (told["data"]["order"], told["data"]["project"], told["data"]["event"]) == ("WO-TEST", "acme", {})
    shown = cast.bob.get(f"{HOOKS}/{hook['id']}/deliveries/{sent.public_id}").json()
    assert (shown["state"], shown["body"], [one["status"] for one in shown["tries"]]) == (
        "delivered", came["body"], [204],
    )  # fmt: skip


def test_an_event_that_is_committed_late_is_not_passed_by(cast, receiver):
    """A transaction that began first commits last: its event has the lower number."""
    opened(cast, receiver, "test.late", "run.completed")
    late = happens(cast)
    fed()
    with a_connection() as other:
        other.execute("UPDATE nexus_run SET last_seq = last_seq + 1 WHERE id = %s", [late.pk])
        other.execute(
            "INSERT INTO nexus_event (run_id, seq, kind, data) SELECT id, last_seq, 'test.late', '{}' FROM nexus_run"
            " WHERE id = %s",
            [late.pk],
        )
        happens(cast)  # has higher numbers, and is committed
        feeding.feed_all()
        assert [one.kind for one in Delivery.objects.order_by("id")] == ["run.completed"]
        other.commit()
    fed()
    assert [one.kind for one in Delivery.objects.order_by("event")] == ["run.completed", "test.late", "run.completed"]


def test_of_one_webhook_one_message_is_on_its_way_at_a_time(cast, receiver):
    opened(cast, receiver, "run.completed")
    happens(cast)
    happens(cast)
    fed()
    first, second = engine.tasks.filter(type=delivering.TASK).order_by("id")
    assert transitions.claim(first.pk, runs.ALICE) is not None
    assert transitions.claim(second.pk, runs.MALLORY) is None


def test_two_feeders_write_each_delivery_once(cast, receiver):
    opened(cast, receiver)
    for _ in range(3):
        happens(cast)
    until = runs.all_complete()
    with transaction.atomic():
        while not feeding.feed_once(until):  # where others have used up many numbers, the first stretches are empty
            pass
        # A second dispatcher meanwhile: the subscription is held, so it is not behind for anybody else.
        with a_connection() as other:
            free = other.execute("SELECT id FROM webhooks_subscription FOR UPDATE SKIP LOCKED").fetchall()
            assert free == []
    assert feeding.feed_once(until) is None
    assert Delivery.objects.count() == 3 * 2


def test_what_fails_is_tried_again_under_the_same_id_and_logged(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    receiver.answers(
        {"status": 500, "body": "Out of paper"}, {"status": 302, "headers": {"location": "/"}}, {"status": 200}
    )
    happens(cast)

    (first,) = carried()
    again_at = engine.tasks.get(run_id=first.run).not_before
    assert (first.standing, first.attempts) == ("pending", 1)
    assert again_at is not None
    carried()
    (last,) = carried()
    assert (last.standing, last.attempts) == ("delivered", 3)
    came = mine(receiver)
    assert {one["id"] for one in came} == {last.public_id}
    assert len({one["body"] for one in came}) == 1
    tries = cast.alice.get(f"{HOOKS}/{hook['id']}/deliveries/{last.public_id}").json()["tries"]
    assert [(one["status"], one["excerpt"]) for one in tries] == [(500, "Out of paper"), (302, ""), (200, "")]
    assert Subscription.objects.get().failing_since is None


def test_after_a_day_of_waits_it_is_given_up_and_can_be_sent_again(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    receiver.answers({"status": 503})
    happens(cast)
    fed()
    for _ in delivering.WAITS:
        assert carried()[0].standing == "pending"
    (sent,) = carried()
    assert (sent.standing, sent.attempts) == ("failed", len(delivering.WAITS) + 1)
    assert sum(delivering.WAITS) > 23 * 3600
    assert engine.groups() == []  # nobody has to look at it among the dead letters

    receiver.answers({"status": 204})
    again = f"{HOOKS}/{hook['id']}/deliveries/{sent.public_id}/redeliver"
    assert cast.bob.post(again).json()["state"] == "pending"
    assert cast.bob.post(again).json()["state"] == "pending"  # being sent already: not twice
    (sent,) = carried()
    assert (sent.standing, sent.attempts) == ("delivered", len(delivering.WAITS) + 2)
    assert len({one["id"] for one in mine(receiver)}) == 1


def test_a_webhook_that_fails_for_days_is_disabled_and_goes_on_where_it_stopped(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    receiver.answers({"status": 500})
    happens(cast)
    carried()
    Subscription.objects.update(failing_since=Now() - timedelta(days=6))
    carried()
    shown = cast.alice.get(f"{HOOKS}/{hook['id']}").json()
    assert (shown["enabled"], shown["disabled_why"]) == (False, "failing")
    (notice,) = audit.recent(1, project="acme")
    assert (notice.action, notice.details["webhook"]) == ("webhook.disabled", hook["id"])

    happens(cast)
    assert [one.standing for one in carried()] == ["held"]
    assert cast.alice.post(f"{HOOKS}/{hook['id']}/ping").json()["code"] == "webhook_disabled"

    receiver.answers({"status": 204})
    assert patch(cast.alice, hook, enabled=True).json()["enabled"] is True
    assert [one.standing for one in carried()] == ["delivered", "delivered"]


def test_what_happened_while_it_was_off_can_be_left_out(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    assert patch(cast.bob, hook, enabled=False).json()["disabled_why"] == "by_hand"
    happens(cast)
    assert patch(cast.bob, hook, enabled=True, skip_missed=True).status_code == 200
    assert carried() == []


def test_a_receiver_that_says_gone_is_left_alone(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    receiver.answers({"status": 410})
    happens(cast)
    carried()
    assert cast.alice.get(f"{HOOKS}/{hook['id']}").json()["disabled_why"] == "gone"


def test_while_a_secret_takes_over_both_sign(cast, receiver):
    hook = opened(cast, receiver, "webhook.ping")
    old = hook["secret"]
    new = cast.alice.post(f"{HOOKS}/{hook['id']}/rotate").json()["secret"]
    assert new != old
    assert new.startswith("whsec_")

    for secret, signatures in ((old, 2), (new, 2)):
        receiver.knows(secret)
        assert cast.alice.post(f"{HOOKS}/{hook['id']}/ping").status_code == 201
        carried()
        assert (mine(receiver)[-1]["verdict"], mine(receiver)[-1]["signatures"]) == ("ok", signatures)
    Secret.objects.filter(expires_at__isnull=False).update(expires_at=Now() - timedelta(seconds=1))
    receiver.knows(old)
    cast.alice.post(f"{HOOKS}/{hook['id']}/ping")
    carried()
    assert (mine(receiver)[-1]["verdict"], mine(receiver)[-1]["signatures"]) == ("a wrong signature", 1)


def test_a_secret_is_shown_once_and_stored_nowhere_to_be_read(cast, receiver):
    given = {"url": receiver.url, "kinds": ["*"], "project": "acme"}
    first = cast.alice.post(HOOKS, given, **{"Idempotency-Key": "k"})
    again = cast.alice.post(HOOKS, given, **{"Idempotency-Key": "k"})
    assert again.json() == {**first.json(), "secret": None}
    assert Subscription.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM webhooks_secret s UNION ALL SELECT k::text FROM api_idempotencykey k")
        kept = "".join(text for (text,) in cursor.fetchall())
    assert first.json()["secret"].removeprefix("whsec_") not in kept


def test_an_address_inside_is_not_asked_and_the_log_does_not_tell_which(cast):
    """The name is public when it is written down; where it leads is looked at when something is sent."""
    with override_settings(NEXUS_HTTP_ALLOW=["127.0.0.1/32"], NEXUS_HTTP_PORTS=[443, 9]):
        opened_there = cast.alice.post(
            HOOKS, {"url": "http://127.0.0.1:9/", "kinds": ["webhook.ping"], "project": "acme"}
        ).json()
        cast.alice.post(f"{HOOKS}/{opened_there['id']}/ping")
    (sent,) = carried()

    shown = cast.alice.get(f"{HOOKS}/{opened_there['id']}/deliveries/{sent.public_id}").json()
    assert [(one["status"], one["code"], one["excerpt"]) for one in shown["tries"]] == [(None, "refused", "")]


def test_viewers_look_and_change_nothing(cast, receiver):
    hook = opened(cast, receiver)
    vera = a_person("vera", cast.acme, Role.VIEWER)
    assert vera.get(f"{HOOKS}/{hook['id']}").status_code == 200
    assert "secret" not in vera.get(f"{HOOKS}/{hook['id']}").json()
    for answer in (
        patch(vera, hook, enabled=False),
        vera.post(f"{HOOKS}/{hook['id']}/rotate"),
        vera.post(HOOKS, {"url": receiver.url, "kinds": ["*"], "project": "acme"}),
        vera.client.delete(f"{HOOKS}/{hook['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "read_only_member")


def test_what_is_deleted_is_told_nothing_more(cast, receiver):
    hook = opened(cast, receiver, "run.completed")
    happens(cast)
    fed()
    run = engine.runs.get(pk=Delivery.objects.get().run)
    assert cast.bob.client.delete(f"{HOOKS}/{hook['id']}").status_code == 204
    assert runs.work(run).state == "completed"
    assert not Delivery.objects.exists()


def patch(person: Any, hook: dict[str, Any], **given: Any) -> Any:
    return person.client.patch(f"{HOOKS}/{hook['id']}", json.dumps(given), content_type="application/json")

"""The counter: plain requests for work, many in one transaction, and everything else left to the view."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.access import Caller
from apps.accounts.authentication import open_with
from apps.accounts.issuing import revoke
from apps.accounts.models import ApiKey, Membership
from apps.api import filing, known, orders
from apps.api.dressing import Dressing
from apps.api.filing import Filing, file_together
from apps.api.models import IdempotencyKey
from nexus import engine
from tests.support.bad_input import BODIES, FIELDS, said
from tests.support.counter import HANDED_OVER, Asking, at_once
from tests.support.outages import a_database_that_is_away
from tests.support.people import ORDERS, Cast, a_cast
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
OF_ITS_OWN = {"id", "created_at"}


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@contextmanager
def a_trigger(does: str, *, on: str) -> Iterator[None]:
    """The database does something of its own when an order with the message `on` is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION on_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.message = '{on}' THEN {does}; END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER on_order BEFORE INSERT ON workorders_workorder FOR EACH ROW EXECUTE FUNCTION on_order()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION on_order CASCADE")


def test_the_counter_answers_word_for_word_as_the_view_does(cast):
    asked = {"message": "Compare", "priority": 8, "budget_usd": "1.50", "acceptance": ["short"],
             "files": [{"name": "a.txt", "content": "x"}]}  # fmt: skip
    (taken,) = at_once([Asking(cast.alice, asked)])
    viewed = cast.alice.post(ORDERS, asked)

    assert (taken.status, viewed.status_code) == (201, 201)
    assert {**taken.body, **dict.fromkeys(OF_ITS_OWN)} == {**viewed.json(), **dict.fromkeys(OF_ITS_OWN)}
    theirs = {name.lower(): value for name, value in viewed.headers.items()}
    assert taken.headers.keys() == theirs.keys()
    alike = theirs.keys() - {"location", "x-request-id", "content-length"}
    assert {name: taken.headers[name] for name in alike} == {name: theirs[name] for name in alike}
    assert cast.alice.get(taken.headers["location"]).json() == taken.body


def test_a_new_order_is_whole_when_it_is_answered(cast):
    (taken,) = at_once([Asking(cast.alice, {"message": "Compare", "budget_usd": 2})])

    order = WorkOrder.objects.select_related("run").get(public_id=taken.body["id"])
    (task,) = engine.tasks.of(order.run_id)
    kinds = [event.kind for event in engine.events.of(order.run_id)]
    assert (order.run.open_tasks, order.run.last_seq) == (1, taken.body["last_seq"]) == (1, 2)
    assert (task.key, task.state, kinds) == ("triage", "ready", ["run.submitted", "task.ready"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT limit_usd FROM billing_budget WHERE kind = 'order' AND key = %s", [order.public_id])
        assert cursor.fetchall() == [(2,)]


def test_good_and_bad_at_once_are_each_answered_for_themselves(cast):
    good = [Asking(cast.alice, {"message": f"Good {n}"}) for n in range(20)]
    bodies = [b"{", [], {"message": ""}, {"message": "x", "workflow": "none"}, {"message": "x", "project": "umbra"},
              {"message": "x", "priority": 11}, {"message": "x" * 70_000}]  # fmt: skip
    bad = [Asking(cast.alice, body) for body in bodies]

    answers = at_once([one for pair in zip(good, bad * 3, strict=False) for one in pair])

    assert [one.body["message"] for one in answers[::2]] == [one.body["message"] for one in good]
    assert {one.status for one in answers[1::2]} == {HANDED_OVER}
    assert [one.body.encode() for one in answers[1::2]] == [one.raw for one in (bad * 3)[:20]]
    assert WorkOrder.objects.count() == engine.runs.count() == 20


def test_whatever_the_view_refuses_the_counter_leaves_to_it(cast):
    bodies = [body for body, *_ in BODIES] + [said(**given) for given, _ in FIELDS]

    answers = at_once([Asking(cast.alice, body) for body in bodies])

    assert {one.status for one in answers} == {HANDED_OVER}
    assert WorkOrder.objects.count() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"}, {"content-encoding": "gzip"}, {"cookie": "sessionid=x"},
        {"authorization": "Basic eDp5"}, {"authorization": "Bearer nx_abcdefghijkl_" + "x" * 43},
        {"idempotency-key": "\u00e9"}, {"host": "evil.example"},
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_view(cast, headers):
    (one,) = at_once([Asking(cast.alice, {"message": "Hello"}, headers=headers)])

    assert one.status == HANDED_OVER
    assert WorkOrder.objects.count() == 0


def test_however_many_are_written_together_it_takes_the_same_statements(cast):
    key = ApiKey.objects.select_related("user", "project").get(user=cast.alice.user)
    caller = Caller(user=key.user, key=key)
    asked = orders.asked({"message": "Many"}, caller=caller, reach=orders.reach_of(caller))
    spoken = []
    for count in (1, 20):
        with CaptureQueriesContext(connection) as statements:
            answers = file_together([Filing(asked=asked, api_key_id=key.pk)] * count)
        assert len({answer.body["id"] for answer in answers}) == count
        said = [one["sql"].split("(")[0][:30] for one in statements.captured_queries]
        spoken.append([one for one in said if one != "SELECT pg_notify"])  # the dispatchers are called now and then

    assert spoken[0] == spoken[1]
    assert len([one for one in spoken[0] if not one.startswith(("BEGIN", "COMMIT"))]) == 2, spoken[0]


def test_one_that_the_database_refuses_harms_nobody_in_its_batch(cast):
    with a_trigger("RAISE EXCEPTION 'no'", on="poison"):
        answers = at_once([Asking(cast.alice, {"message": text}) for text in ("a", "poison", "b")])
        again = [cast.alice.post(ORDERS, {"message": text}).status_code for text in ("a", "poison", "b")]

    # The first was alone in its batch or shared the poisoned one; whoever was left is tried alone by the view.
    assert {one.status for one in answers} <= {201, HANDED_OVER}
    assert answers[1].status == HANDED_OVER
    assert again == [201, 500, 201]
    assert WorkOrder.objects.count() == 2 + [one.status for one in answers].count(201)


def test_a_session_that_is_cut_in_a_batch_is_a_503_for_all_of_it_and_nothing_is_written(cast):
    with a_trigger("PERFORM pg_terminate_backend(pg_backend_pid())", on="cut"):
        answers = at_once([Asking(cast.alice, {"message": "cut"}, key=f"k-{n}") for n in range(5)])

    assert {(one.status, one.body["code"]) for one in answers} == {(503, "database_unavailable")}
    assert {one.headers["retry-after"] for one in answers} == {"5"}
    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}
    for rows in (WorkOrder.objects, engine.runs, engine.tasks, engine.events, IdempotencyKey.objects):
        assert rows.count() == 0


def test_a_database_that_is_away_is_left_to_the_view_to_tell(cast):
    with a_database_that_is_away():
        (one,) = at_once([Asking(cast.alice, {"message": "Hello"})])
        viewed = cast.alice.post(ORDERS, {"message": "Hello"})

    assert one.status == HANDED_OVER
    assert (viewed.status_code, viewed.headers["Retry-After"]) == (503, "5")


def test_two_tenants_in_one_batch_stay_apart(cast):
    both = [Asking(who, {"message": "Mine"}) for _ in range(10) for who in (cast.alice, cast.charlie)]
    answers = at_once([*both, Asking(cast.alice, {"message": "Theirs", "project": "umbra"})])

    assert [one.body["project"] for one in answers[:-1]] == ["acme", "umbra"] * 10
    assert answers[-1].status == HANDED_OVER
    for who, taken in ((cast.alice, answers[0:20:2]), (cast.charlie, answers[1:20:2])):
        listed = {line["id"] for line in who.get(f"{ORDERS}?page_size=200").json()["results"]}
        assert listed == {one.body["id"] for one in taken}


def test_one_key_fifty_times_at_once_is_one_order(cast):
    answers = at_once([Asking(cast.alice, {"message": "Once"}, key="k-1") for _ in range(50)])

    taken = [one for one in answers if one.status == 201]
    assert len(taken) == 1
    assert {one.status for one in answers} == {201, HANDED_OVER}
    again = cast.alice.post(ORDERS, {"message": "Once"}, **{"Idempotency-Key": "k-1"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (taken[0].body, "true")
    assert WorkOrder.objects.count() == IdempotencyKey.objects.count() == 1


def test_fifty_keys_at_once_are_fifty_orders_and_a_used_one_is_left_to_the_view(cast):
    asked = [Asking(cast.alice, {"message": f"Order {n}"}, key=f"k-{n}") for n in range(50)]
    first = at_once(asked)
    again = at_once([*asked, Asking(cast.alice, {"message": "New"}, key="k-new")])

    assert len({one.body["id"] for one in first}) == 50
    assert [one.status for one in again] == [HANDED_OVER] * 50 + [201]
    assert WorkOrder.objects.count() == 51


def test_a_key_that_another_process_holds_is_left_to_the_view(cast):
    held, may_go = threading.Event(), threading.Event()

    def slowly(asked: list) -> list:
        written = accept_many(asked)
        held.set()
        assert may_go.wait(20)
        return written

    accept_many = filing.intake.accept_many
    first: list = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(filing.intake, "accept_many", slowly)
        slow = threading.Thread(target=lambda: first.extend(at_once([Asking(cast.alice, {"message": "A"}, key="k")])))
        slow.start()
        assert held.wait(20)
        patched.undo()
    (second,) = at_once([Asking(cast.alice, {"message": "A"}, key="k")])
    may_go.set()
    slow.join(20)

    assert (first[0].status, second.status) == (201, HANDED_OVER)
    assert WorkOrder.objects.count() == 1


def test_a_key_that_is_revoked_files_nothing_from_then_on_though_its_holder_is_remembered(cast, monkeypatch):
    monkeypatch.setattr(known, "REMEMBERED_FOR", 3600)
    asked = orders.asked

    def revoked_meanwhile(*args, **kwargs):
        threading.Thread(target=revoke_alice).run()
        return asked(*args, **kwargs)

    def revoke_alice() -> None:
        worker = threading.Thread(target=lambda: (revoke(public_id=cast.alice.token.split("_")[1]), connection.close()))
        worker.start()
        worker.join(20)

    monkeypatch.setattr(orders, "asked", revoked_meanwhile)  # after the holder was looked up, before the batch
    (one,) = at_once([Asking(cast.alice, {"message": "Hello"})])

    assert ApiKey.objects.get(user=cast.alice.user).revoked_at is not None
    assert one.status == HANDED_OVER
    assert WorkOrder.objects.count() == 0


def test_who_left_the_project_files_nothing_when_the_second_is_over(cast, monkeypatch):
    monkeypatch.setattr(known, "REMEMBERED_FOR", 0)
    Membership.objects.filter(user=cast.alice.user).delete()

    (one,) = at_once([Asking(cast.alice, {"message": "Hello"})])

    assert one.status == HANDED_OVER


def test_middleware_that_nobody_looked_at_sees_every_request(cast, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.gzip.GZipMiddleware"]

    assert Dressing().of({"scheme": "http", "headers": []}) is None
    (one,) = at_once([Asking(cast.alice, {"message": "Hello"})])
    assert one.status == HANDED_OVER


def test_a_crowd_with_one_key_asks_once_whose_it_is(cast, monkeypatch):
    asked = []
    monkeypatch.setattr(known, "open_with", lambda token: (asked.append(token), open_with(token))[1])

    answers = at_once([Asking(cast.alice, {"message": f"Order {n}"}) for n in range(50)])

    assert {one.status for one in answers} == {201}
    assert len(asked) == 1

"""/metrics: parsed by Prometheus' own parser, asked by a fixed number of statements, told to the Board alone."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from apps.accounts.models import Role, User
from apps.metrics import chores, counting
from apps.metrics.models import Figure
from billing import pricebook
from nexus import engine
from nexus.dispatch.models import Dispatcher
from tests.support.loopback import NOBODY
from tests.support.outages import a_database_that_is_away
from tests.support.people import ORDERS, a_cast, a_person
from tests.support.rivals import wait_for
from tests.support.runs import claimed, spec, submitted, work
from tests.support.spending import charged, reserved
from tests.support.web import running

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = (Path(__file__).resolve().parents[2] / "docs/reference/metrics.md").read_text()
HERE = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(autouse=True)
def from_here(settings):
    settings.METRICS_LOOPBACK = True


def families(text: str) -> dict[str, object]:
    found = list(text_string_to_metric_families(text))
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}


def samples(answer) -> dict[tuple[str, ...], float]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    return {(one.name, *one.labels.values()): one.value for family in families(text).values() for one in family.samples}


def scraped(client: Client | None = None) -> dict[tuple[str, ...], float]:
    return samples((client or Client()).get("/metrics"))


def test_queues_are_told_as_they_are_now():
    waiting, held = submitted(spec("a"), spec("b", after=("a",))), submitted(spec("a"))
    claimed(held, "a")
    work(submitted(spec("p", "test.answers", input={"answer": "park"})))
    engine.events.filter(run_id=waiting.pk).update(at=Now() - timedelta(seconds=90))
    engine.pause(run_id=submitted(spec("a")).pk)
    found = scraped()
    assert [found["nexus_queue_tasks", "nexus.agents", state] for state in ("ready", "running", "waiting")] == [1, 1, 1]
    assert found["nexus_queue_tasks", "nexus.tools", "ready"] == 0
    assert 90 <= found["nexus_queue_oldest_ready_seconds", "nexus.agents"] < 110
    assert found["nexus_queue_oldest_ready_seconds", "nexus.tools"] == 0


def test_a_dispatcher_that_was_never_seen_is_infinitely_far():
    assert scraped()["nexus_dispatcher_seen_seconds",] == float("inf")
    Dispatcher.objects.create(name="x", seen_at=Now() - timedelta(seconds=30))
    assert 30 <= scraped()["nexus_dispatcher_seen_seconds",] < 50


def test_what_is_counted_now_and_then_is_told_with_its_age():
    pricebook.install()
    charged(reserved("1"), "0.25")
    work(submitted(spec("a")))
    work(submitted(spec("bad", "test.fails", max_attempts=1)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE nexus_run SET open_tasks = 7 WHERE state = 'open'")
    assert ("nexus_tasks", "completed") not in scraped()
    assert counting.count_all() > 10
    found = scraped()
    assert (found["nexus_tasks", "completed"], found["nexus_tasks", "failed"], found["nexus_tasks", "ready"]) == (
        1,
        1,
        0,
    )
    assert (found["nexus_runs", "completed"], found["nexus_runs", "open"]) == (1, 1)
    assert found["nexus_dead_letters",] == 1
    assert (found["nexus_ledger_cost_usd", "total"], found["nexus_ledger_cost_usd", "today"]) == (0.25, 0.25)
    broken = {key[1]: value for key, value in found.items() if key[0] == "nexus_invariant_violations"}
    assert broken.keys() == set(engine.invariants())
    assert {name for name, value in broken.items() if value} == {"open_totals"}
    engine.repair_broken(), counting.count_all()
    assert scraped()["nexus_invariant_violations", "open_totals"] == 0
    Figure.objects.filter(name="invariants.leases").update(counted_at=Now() - timedelta(hours=1))
    assert scraped()["nexus_figures_age_seconds", "invariants"] >= 3600


def test_a_count_that_fails_leaves_the_others_fresh_and_its_own_age_tells(monkeypatch):
    counting.count_all()
    before = Figure.objects.get(name="runs.open").counted_at

    def broken():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(engine, "count_runs", broken)
    counting.count_all()
    assert Figure.objects.get(name="runs.open").counted_at == before
    assert Figure.objects.get(name="tasks.ready").counted_at > before


def test_a_scrape_asks_the_same_few_questions_however_much_there_is(django_user_model):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            scraped()
        return len(asked)

    counting.count_all()
    few = questions()
    for _ in range(5):
        work(submitted(*(spec(f"t{number}") for number in range(10))))
        submitted(*(spec(f"t{number}") for number in range(10)))
    counting.count_all()
    assert questions() == few <= 3


def test_one_dispatcher_counts_at_a_time_and_beside_its_loop():
    assert counting.take_turn()
    assert not counting.take_turn()
    assert not chores.count_now_and_then()
    Figure.objects.filter(name=counting.TURN).update(counted_at=counting.NEVER)
    assert chores.count_now_and_then()
    wait_for(lambda: Figure.objects.filter(name="invariants.leases").exists(), what="the count")
    wait_for(lambda: not chores._counting.locked(), what="its end")


def test_every_name_is_on_the_page_with_its_type_and_no_other():
    counting.count_all()
    with running() as web, httpx2.Client(trust_env=False, verify=NOBODY, timeout=20) as client:
        client.get(f"http://{web.address}/healthz")
        text = client.get(f"http://{web.address}/metrics").text
    told = {name: one.type for name, one in families(text).items() if not name.endswith("_created")}
    told = {name + ("_total" if kind == "counter" else ""): kind for name, kind in told.items()}
    assert dict(re.findall(r"^\| `(nexus_\w+)`[^|]*\| (\w+) \|", PAGE, re.MULTILINE)) == told


def test_requests_are_counted_by_the_route_of_the_code_whoever_answers():
    cast = a_cast()
    bearer = {"Authorization": f"Bearer {cast.alice.token}"}
    with (
        running() as web,
        httpx2.Client(base_url=f"http://{web.address}", trust_env=False, verify=NOBODY, timeout=20) as client,
    ):
        before = samples(client.get("/metrics"))  # of whatever this process answered in other tests
        filed = client.post(ORDERS, json={"message": "Compare three brokers"}, headers=bearer).json()["id"]
        for _ in range(3):
            client.get(f"{ORDERS}/{filed}", headers=bearer)
        client.get("/nothing/here"), client.get(ORDERS)
        client.request("TRACE", "/healthz")
        found = samples(client.get("/metrics"))
    found = {key: value - before.get(key, 0) for key, value in found.items()}
    requests = {key[1:]: value for key, value in found.items() if key[0] == "nexus_http_requests_total"}
    one = "/api/v2/work-orders/<order:public_id>"
    assert requests["POST", ORDERS, "201"] == 1
    assert (requests["GET", one, "200"], requests["GET", "(none)", "404"], requests["GET", ORDERS, "401"]) == (3, 1, 1)
    assert requests["other", "/healthz", "405"] == 1
    assert found["nexus_http_request_seconds_count", "GET", one] == 3
    assert filed not in str(found)


def test_without_the_database_requests_are_told_and_counted_as_unavailable(settings):
    settings.METRICS_TOKEN, settings.METRICS_LOOPBACK = "t" * 20, False
    cast = a_cast()
    with (
        running() as web,
        httpx2.Client(base_url=f"http://{web.address}", trust_env=False, verify=NOBODY, timeout=30) as client,
    ):
        there = client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 20})
        assert samples(there)["nexus_database_up",] == 1
        with a_database_that_is_away():
            gone = client.get(ORDERS, headers={"Authorization": f"Bearer {cast.alice.token}"})
            found = samples(client.get("/metrics", headers={"Authorization": "Bearer " + "t" * 20}))
    assert gone.status_code == 503
    assert found["nexus_database_up",] == 0
    assert found["nexus_http_unavailable_total", ORDERS] == 1
    assert ("nexus_queue_tasks", "nexus.agents", "ready") not in found


@pytest.mark.parametrize(
    "headers",
    [{"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Via": "1.1 x"}, {"X-Real-IP": "127.0.0.1"}],
)
def test_who_asks_for_somebody_else_is_not_from_here(headers):
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", headers=headers).status_code == 401


@pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7", "", "localhost"])
def test_another_machine_is_not_from_here(address):
    assert Client(REMOTE_ADDR=address).get("/metrics").status_code == 401


def test_the_token_opens_and_nothing_like_it_does(settings):
    settings.METRICS_LOOPBACK = False
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    settings.METRICS_TOKEN = "s" * 20
    assert Client().get("/metrics", headers={"Authorization": "Bearer " + "s" * 20}).status_code == 200
    for wrong in ("Bearer " + "s" * 19, "Bearer", "Basic " + "s" * 20, "Bearer é"):
        assert Client().get("/metrics", headers={"Authorization": wrong}).status_code == 401


def test_the_board_may_ask_and_a_project_may_not(settings):
    settings.METRICS_LOOPBACK = False
    cast = a_cast()
    assert (cast.alice.get("/metrics").status_code, cast.alice.get("/metrics").json()["code"]) == (403, "board_only")
    may = Permission.objects.get(codename="view_figure")
    bound = a_person("bound", cast.acme, Role.OWNER, bound_to=cast.acme)
    for person in (cast.alice, bound):
        person.user.user_permissions.add(may)
    assert (cast.alice.get("/metrics").status_code, bound.get("/metrics").status_code) == (200, 403)
    board = Client()
    board.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    assert board.get("/metrics").status_code == 200
    assert board.post("/metrics").status_code == 405


def test_amounts_are_kept_to_the_last_place():
    pricebook.install()
    charged(reserved("1"), "0.123456789")
    counting.count_all()
    assert Figure.objects.get(name="ledger.total").value == Decimal("0.123456789")

"""Errors are kept with their stack traces and without secrets, for the Board alone, for so many days."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.gateway import chores, syslog
from apps.gateway.models import SystemLog
from tests.support import runs
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db(transaction=True)

WHERE = "/api/v2/system-log"
SECRET = "sk-" + "a1b2c3d4" * 4


@pytest.fixture(autouse=True)
def kept(settings):
    """Nothing is kept in tests but here."""
    settings.NEXUS_SYSTEM_LOG_DAYS = 14
    yield
    syslog.flush()


def test_a_handler_that_breaks_leaves_its_trace_and_whose_it_was():
    run = runs.submitted(runs.spec("one", "test.fails"))
    runs.work(run)
    syslog.flush()

    entry = SystemLog.objects.filter(run_id=run.pk).order_by("id").first()
    assert (entry.level, entry.source) == ("ERROR", "nexus.execution")
    assert entry.task_id == runs.task(run, "one").pk
    assert entry.trace.startswith("Traceback")
    assert entry.trace.rstrip().endswith("RuntimeError: attempt 1 with password=***")
    assert "hunter2secret" not in entry.trace + entry.message


def test_what_broke_while_a_request_was_answered_names_the_request(monkeypatch):
    from apps.gateway import naming

    def broken(*_):
        raise RuntimeError(f"nobody thought of this; the key is {SECRET}")

    monkeypatch.setattr(naming, "names", broken)
    answer = a_cast().alice.get("/v1/models", **{"X-Request-Id": "request-7"})
    syslog.flush()

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    (entry,) = SystemLog.objects.filter(request_id="request-7")
    assert "RuntimeError: nobody thought of this" in entry.trace
    assert SECRET not in entry.trace + entry.message


def test_the_board_reads_it_and_nobody_else():
    cast = a_cast()
    SystemLog.objects.create(level="ERROR", source="x", message="one", run_id=7)
    SystemLog.objects.create(level="CRITICAL", source="y", message="two")

    assert cast.alice.get(WHERE).status_code == 403
    cast.alice.user.is_superuser = True
    cast.alice.user.save()
    assert [row["message"] for row in cast.alice.get(WHERE).json()["results"]] == ["two", "one"]
    assert [row["message"] for row in cast.alice.get(f"{WHERE}?run_id=7").json()["results"]] == ["one"]
    assert [row["message"] for row in cast.alice.get(f"{WHERE}?level=CRITICAL").json()["results"]] == ["two"]
    for wrong in ("level=LOUD", "run_id=-1", "run_id=x", "wish=1", "source=%00", "page_size=0"):
        assert cast.alice.get(f"{WHERE}?{wrong}").status_code in (200, 400)


def test_what_is_old_is_forgotten():
    SystemLog.objects.create(level="ERROR", source="x", message="old", at=timezone.now() - timedelta(days=15))
    SystemLog.objects.create(level="ERROR", source="x", message="new")

    assert chores.forget_old_errors() == 1
    assert SystemLog.objects.get().message == "new"


def test_nothing_is_kept_where_nothing_shall_be():
    with override_settings(NEXUS_SYSTEM_LOG_DAYS=0):
        logging.getLogger("nexus.somebody").error("gone")
    logging.getLogger("nexus.somebody").warning("no error")
    syslog.flush()

    assert not SystemLog.objects.exists()

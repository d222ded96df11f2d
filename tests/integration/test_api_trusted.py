"""A connection that wrote a batch a moment ago is not asked whether it is there; one that has rested is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from django.db import connection

from apps.accounts.access import Caller
from apps.accounts.models import ApiKey
from apps.api import filing, orders, problems
from apps.api.filing import Filing, file_together
from tests.support.people import Cast, a_cast
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.fixture
def writer(monkeypatch) -> Iterator[Executor]:
    """The thread that writes; its connection lasts, as it does where people work."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 60)
    with ThreadPoolExecutor(1) as thread:
        yield thread
        thread.submit(lambda: connection.close()).result(20)  # noqa: PLW0108 - the connection of that thread


def file_one(cast: Cast, writer: Executor) -> None:
    key = ApiKey.objects.select_related("user", "project").get(user=cast.alice.user)
    caller = Caller(user=key.user, key=key)
    asked = orders.asked({"message": "Hello"}, caller=caller, reach=orders.reach_of(caller))
    (answer,) = writer.submit(file_together, [Filing(asked=asked, api_key_id=key.pk)]).result(20)
    assert answer is not None


def cut(writer: Executor) -> None:
    """End the session of the writer at the server; return when it has ended."""
    pid = writer.submit(lambda: connection.connection.info.backend_pid).result(20)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 20000)", [pid])
        assert cursor.fetchone() == (True,)


def test_one_that_was_cut_while_it_rested_is_made_anew(cast, writer, monkeypatch):
    monkeypatch.setattr(filing, "TRUSTED_FOR", 0)
    file_one(cast, writer)
    cut(writer)

    file_one(cast, writer)

    assert WorkOrder.objects.count() == 2


def test_one_that_was_cut_a_moment_after_it_wrote_breaks_one_batch_and_no_more(cast, writer, monkeypatch):
    monkeypatch.setattr(filing, "TRUSTED_FOR", 3600)
    file_one(cast, writer)
    cut(writer)

    with pytest.raises(Exception) as broke:  # noqa: PT011 - what it is, the next line asks
        file_one(cast, writer)
    assert problems.database_is_away(broke.value)
    file_one(cast, writer)

    assert WorkOrder.objects.count() == 2

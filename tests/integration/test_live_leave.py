"""What ends a stream or a socket before its run does: whoever listens may not any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.issuing import revoke
from apps.accounts.models import ApiKey, Membership
from apps.live import feed, hub
from tests.support.people import Cast, a_cast, order
from tests.support.rivals import wait_for
from tests.support.web import Web, ears, running

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    """A server that looks ten times as often whether its listeners may still listen."""
    with pytest.MonkeyPatch.context() as patch, running() as server:
        patch.setattr(hub, "SWEEP_EVERY", 0.2)
        yield server


@pytest.fixture
def cast() -> Cast:
    return a_cast()


@pytest.mark.parametrize("door", ["stream", "socket"])
def test_a_revoked_key_closes_what_it_opened(web, cast, door):
    filed = cast.alice.files()
    seen = order(filed).run.last_seq
    if door == "socket":
        with web.socket(filed, cast.bob, after=seen) as socket:
            wait_for(lambda: ears(order(filed).run_id) == 1, what="the listener")
            revoke(public_id=cast.bob.token.split("_")[1])
            assert close_code(socket) == 4401
    else:
        with web.stream(filed, cast.bob, after=seen) as stream:
            wait_for(lambda: ears(order(filed).run_id) == 1, what="the listener")
            revoke(public_id=cast.bob.token.split("_")[1])
            assert [frame["event"] for frame in stream.frames()] == ["error"]


def test_who_leaves_the_team_is_sent_away(web, cast, monkeypatch):
    monkeypatch.setattr(feed, "ASK_AGAIN_AFTER", 0.1)
    monkeypatch.setattr(feed, "KEEP_ALIVE", 0.1)
    filed = cast.alice.files()
    with web.socket(filed, cast.bob, after=order(filed).run.last_seq) as socket:
        wait_for(lambda: ears(order(filed).run_id) == 1, what="the listener")
        Membership.objects.filter(user=cast.bob.user).delete()

        assert close_code(socket) == 4401


def test_a_key_that_expires_closes_what_it_opened(web, cast):
    filed = cast.alice.files()
    with web.socket(filed, cast.bob, after=order(filed).run.last_seq) as socket:
        wait_for(lambda: ears(order(filed).run_id) == 1, what="the listener")
        ApiKey.objects.update(expires_at=timezone.now())

        assert close_code(socket) == 4401


def close_code(socket: Any) -> int | None:
    from websockets.exceptions import ConnectionClosed

    with pytest.raises(ConnectionClosed):
        while True:
            socket.recv(timeout=10)
    return socket.close_code

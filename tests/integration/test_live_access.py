"""Whatever a stranger says on a socket, they hear nothing. Every route has a row in tests/support/doors/sockets.py."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from apps.live.asgi import ROUTES, websocket
from nexus import engine
from tests.support.doors import SECRET
from tests.support.doors.sockets import SOCKETS, Socket
from tests.support.people import Cast, a_cast, order
from tests.support.web import Web, running, told

pytestmark = pytest.mark.django_db(transaction=True)
SAID = [
    pytest.param(row, frame, id=f"{row.path}-{kind}") for row in SOCKETS.values() for kind, frame in row.says.items()
]


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running() as server:
        yield server


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def heard(web: Web, path: str, frame: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[list[Any], int, str]:
    """All that is told to whoever opens a socket and says this; the code and the reason that it is closed with."""
    given: Any = {"additional_headers": headers, "open_timeout": 20, "proxy": None}
    with connect(f"ws://{web.address}/{path}", origin=f"http://{web.address}", **given) as socket:
        found: list[Any] = []
        try:
            socket.send(json.dumps(frame))
            while True:
                found.append(socket.recv(timeout=10))
        except ConnectionClosed:
            return found, socket.close_code, socket.close_reason


def session_of(cast: Cast) -> dict[str, str]:
    client = Client()
    client.force_login(cast.charlie.user)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def test_every_route_and_every_type_of_frame_has_a_row_and_every_row_is_of_one():
    from config.asgi import application

    def types(app: Any) -> set[str]:
        while not hasattr(app, "consumer_class"):
            app = app.inner
        return set(app.consumer_class.hears)

    assert application.application_mapping["websocket"] is websocket
    assert {str(route.pattern): types(route.callback) for route in ROUTES} == {
        pattern: set(row.says) for pattern, row in SOCKETS.items()
    }


@pytest.mark.parametrize(("row", "frame"), SAID)
def test_a_stranger_hears_nothing_whatever_they_say(web, cast, row: Socket, frame):
    assert heard(web, row.theirs(cast), frame, {})[:2] == ([], 4401)


@pytest.mark.parametrize(("row", "frame"), SAID)
def test_somebody_elses_is_closed_as_what_does_not_exist(web, cast, row: Socket, frame):
    there = row.theirs(cast)
    for headers in ({"Authorization": f"Bearer {cast.charlie.token}"}, session_of(cast)):
        foreign, nobodys = (heard(web, path, frame, headers) for path in (there, row.nothing))

        assert foreign == nobodys
        assert foreign[:2] == ([], 4404)


@pytest.mark.parametrize(("row", "frame"), SAID)
def test_its_owner_is_told(web, cast, row: Socket, frame):
    """Otherwise the tests above would be green for a socket that tells nobody anything."""
    parts = row.of(cast)
    with transaction.atomic():
        engine.tell(run_id=order(str(parts["public_id"])).run_id, kind="test.said", data={"said": SECRET})
    given: Any = {"additional_headers": {"Authorization": f"Bearer {cast.alice.token}"}, "proxy": None}

    with connect(f"ws://{web.address}/{row.path.format(**parts)}", **given) as socket:
        while SECRET not in json.dumps(told(socket)):
            pass
        socket.send(json.dumps(frame))
        assert told(socket)["type"] in ("pong", "event")


def test_where_there_is_no_socket_nobody_hears_anything(web, cast):
    for headers in ({}, {"Authorization": f"Bearer {cast.alice.token}"}):
        assert heard(web, SOCKETS[""].nothing, {"type": "resume", "after": 0}, headers) == ([], 4404, "")

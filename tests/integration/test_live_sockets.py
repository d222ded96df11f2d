"""Who may open a socket, and what closes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from apps.accounts.models import Role
from tests.support.outages import a_database_that_is_away
from tests.support.people import Cast, a_cast, a_person, order
from tests.support.web import Web, running, told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running() as server:
        yield server


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def closed(web: Web, filed: str, *said: Any, **given: Any) -> int | None:
    """Open, say, and return the code that the server closes with."""
    with web.socket(filed, **given) as socket:
        for frame in said:
            socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        return socket.close_code


def session_of(cast: Cast) -> str:
    client = Client()
    client.force_login(cast.alice.user)
    return f"sessionid={client.cookies['sessionid'].value}"


def test_a_browser_comes_in_with_its_session(web, cast):
    filed = cast.alice.files()
    headers = {"Cookie": session_of(cast)}

    with web.socket(filed, headers=headers, origin=f"http://{web.address}") as socket:
        assert told(socket)["event"]["seq"] == 1


def test_a_browser_without_session_brings_its_key_among_the_protocols(web, cast):
    filed = cast.alice.files()

    with web.socket(
        filed, subprotocols=["nexus", f"bearer.{cast.alice.token}"], origin=f"http://{web.address}"
    ) as socket:
        assert socket.subprotocol == "nexus"
        assert told(socket)["event"]["seq"] == 1


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_a_foreign_page_does_not_get_through_the_handshake(web, cast, origin):
    filed = cast.alice.files()

    with (
        pytest.raises(InvalidStatus) as refused,
        web.socket(filed, headers={"Cookie": session_of(cast)}, origin=origin),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_session_without_origin_does_not_either(web, cast):
    with pytest.raises(InvalidStatus), web.socket(cast.alice.files(), headers={"Cookie": session_of(cast)}):
        pass


def test_the_close_code_says_what_is_wrong(web, cast):
    filed = cast.alice.files()
    writer = a_person("writer", cast.acme, Role.OWNER, scopes=["orders:write"])
    here = f"http://{web.address}"

    assert closed(web, filed, origin=here) == 4401
    assert closed(web, filed, headers={"Authorization": "Bearer nx_abcdefghijkl_" + "x" * 43}) == 4401
    assert closed(web, filed, headers={"Authorization": "Bearer ' OR 1=1--"}) == 4401
    assert closed(web, filed, person=writer) == 4403
    assert closed(web, filed, person=cast.charlie) == 4404
    assert closed(web, "WO-20200101-0001", person=cast.alice) == 4404
    assert closed(web, "nonsense", person=cast.alice) == 4404


@pytest.mark.parametrize("after", ["-1", "abc", "9" * 30, "1&limit=5", f"0&api_key=nx_abcdefghijkl_{'x' * 43}"])
def test_a_place_that_is_none_closes_it(web, cast, after):
    assert closed(web, cast.alice.files(), person=cast.alice, after=after) == 1008


FRAMES = [
    ("not json", 1008),
    ("[" * 3_000, 1008),
    ('"resume"', 1008),
    ({"type": "approve"}, 1008),
    ({"type": "resume"}, 1008),
    ({"type": "resume", "after": -1}, 1008),
    ({"type": "resume", "after": True}, 1008),
    ({"type": "resume", "after": "0"}, 1008),
    ({"type": "resume", "after": 10**30}, 1008),
    ({"type": "ping", "more": 1}, 1008),
    (b"\x00\x01", 1003),
    ("x" * 5_000, 1009),
    ("x" * 5_000_000, 1009),
]


@pytest.mark.parametrize(("frame", "code"), FRAMES)
def test_a_frame_that_asks_for_nothing_closes_it(web, cast, frame, code):
    assert closed(web, cast.alice.files(), frame, person=cast.alice) == code


def test_while_the_database_is_away_a_socket_is_told_to_come_back_later(web, cast):
    filed = cast.alice.files()

    with a_database_that_is_away():
        assert closed(web, filed, person=cast.alice) == 1013


def test_a_flood_of_frames_closes_it(web, cast):
    assert closed(web, cast.alice.files(), *[{"type": "ping"}] * 100, person=cast.alice) == 1008


def test_a_client_asks_to_go_back_and_whether_anybody_is_there(web, cast):
    filed = cast.alice.files()
    last = order(filed).run.last_seq

    with web.socket(filed, cast.alice, after=last) as socket:
        socket.send(json.dumps({"type": "ping"}))
        assert told(socket) == {"type": "pong"}
        socket.send(json.dumps({"type": "resume", "after": last - 1}))
        assert told(socket)["event"]["seq"] == last


def test_what_was_said_before_admission_is_not_obeyed(web, cast):
    filed = cast.alice.files("A secret")

    assert closed(web, filed, {"type": "resume", "after": 0}, person=cast.charlie) == 4404

"""Files and streams hold what is their owner's, and nothing for anybody else. Each has a row in tests/support/doors."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from tests.support.doors import PART, SECRET, filled, table
from tests.support.doors.exports import ASKED, FILES, STREAMS
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db
SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.yaml"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def text(answer: Any) -> str:
    """What is in it, archives unpacked."""
    if answer["Content-Type"] != "application/zip":
        return str(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return " ".join(packed.read(name).decode() for name in packed.namelist())


def test_whatever_is_no_json_has_a_row_and_every_row_is_of_such():
    paths = yaml.load(SCHEMA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["paths"]
    there = {
        path.lstrip("/")
        for path, operations in paths.items() for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and answer.get("content", {}).keys() - {"application/json"}
    }  # fmt: skip

    assert there == {PART.sub(r"{\2}", path) for path in (*FILES, *STREAMS, *ASKED)}


@pytest.mark.parametrize("path", FILES)
def test_a_file_holds_what_is_its_owners_and_nothing_for_anybody_else(cast, path):
    url = filled(path, FILES[path](cast))

    assert [SECRET in text(person.get(url)) for person in (cast.alice, cast.bob, cast.charlie)] == [True, True, False]
    assert Client().get(url).status_code == 401


@pytest.mark.django_db(transaction=True)  # a stream is read by other threads
@pytest.mark.parametrize(("path", "query"), STREAMS.items())
def test_somebody_elses_stream_is_answered_as_one_that_does_not_exist(cast, path, query):
    door = table()[path]
    assert door.of is not None
    foreign, nobodys = (
        cast.charlie.get(filled(path, parts) + query, Accept="text/event-stream") for parts in (door.of(cast), {})
    )

    assert foreign.status_code == nobodys.status_code == 404
    assert SECRET not in text(foreign)
    said = [answer.json() for answer in (foreign, nobodys)]
    for one in said:
        one.pop("request_id", None), one.pop("instance", None)
    assert said[0] == said[1]

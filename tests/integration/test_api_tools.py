"""Tools over HTTP: what is registered, for whoever has a key."""

from __future__ import annotations

import pytest

from agents.models import RegisteredTool
from agents.tools import install
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db
TOOLS = "/api/v2/tools"


@pytest.fixture
def cast():
    install.install()
    return a_cast()


def test_every_tool_is_listed_with_its_schema_and_its_effect(cast):
    answer = cast.alice.get(f"{TOOLS}?page_size=200").json()
    by_name = {one["name"]: one for one in answer["results"]}
    assert {"web_fetch", "read_file", "write_file", "list_files", "search_knowledge", "ask_requester"} <= set(by_name)
    assert (by_name["write_file"]["effect"], by_name["write_file"]["permission"]) == ("idempotent", "allow")
    assert by_name["web_fetch"]["schema"]["required"] == ["url"]


def test_one_is_read_by_its_name(cast):
    RegisteredTool.objects.filter(name="web_fetch").update(uses=3, enabled=False)
    tool = cast.alice.get(f"{TOOLS}/web_fetch").json()
    assert (tool["uses"], tool["enabled"], tool["used_at"]) == (3, False, None)
    assert cast.alice.get(f"{TOOLS}/no_such").status_code == 404
    assert cast.alice.get(f"{TOOLS}/{'x' * 65}").status_code == 404


def test_they_come_in_pages(cast):
    first = cast.alice.get(f"{TOOLS}?page_size=2").json()
    assert len(first["results"]) == 2
    second = cast.alice.get(first["next"].partition("testserver")[2]).json()
    assert not {one["name"] for one in first["results"]} & {one["name"] for one in second["results"]}
    assert cast.alice.get(f"{TOOLS}?name=x").json()["code"] == "unknown_parameter"

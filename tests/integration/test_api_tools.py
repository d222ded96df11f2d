"""Tools over HTTP: what is registered, for whoever has a key; what was generated, for its project."""

from __future__ import annotations

import pytest
from django.db import transaction

from agents.models import RegisteredTool
from agents.tools import generated, install
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db
TOOLS = "/api/v2/tools"


@pytest.fixture
def cast():
    install.install()
    return a_cast()


def names(person, query=""):
    return [one["tool_name"] for one in person.get(f"{TOOLS}?limit=100&{query}").json()["data"]]


def test_every_tool_is_listed_with_its_schema_and_its_effect(cast):
    answer = cast.alice.get(f"{TOOLS}?limit=100").json()
    by_name = {one["tool_id"]: one for one in answer["data"]}
    assert {"web_fetch", "read_file", "write_file", "list_files", "search_knowledge", "ask_requester"} <= set(by_name)
    assert (by_name["write_file"]["effect"], by_name["write_file"]["permission"]) == ("idempotent", "allow")
    assert by_name["web_fetch"]["schema"]["required"] == ["url"]
    assert set(by_name["web_fetch"]) >= {
        "tool_id", "tool_name", "display_name", "description", "category", "source", "version", "code_path", "schema",
        "dependencies", "usage_count", "created_at", "updated_at",
    }  # fmt: skip


def test_one_is_read_by_its_name(cast):
    RegisteredTool.objects.filter(name="web_fetch").update(uses=3, enabled=False)
    tool = cast.alice.get(f"{TOOLS}/web_fetch").json()["data"]
    assert (tool["usage_count"], tool["enabled"], tool["used_at"]) == (3, False, None)
    assert names(cast.alice)[0] == "web_fetch"
    assert cast.alice.get(f"{TOOLS}/no_such").status_code == 404
    assert cast.alice.get(f"{TOOLS}/{'x' * 65}").status_code == 404


def test_they_come_in_pages(cast):
    first, second = (cast.alice.get(f"{TOOLS}?limit=2&page={page}").json() for page in (1, 2))
    assert len(first["data"]) == 2
    assert first["pagination"]["has_next"]
    assert not {one["tool_id"] for one in first["data"]} & {one["tool_id"] for one in second["data"]}
    assert cast.alice.get(f"{TOOLS}?name=x").json()["code"] == "unknown_parameter"


def test_what_was_generated_is_seen_by_its_project_alone(cast):
    with transaction.atomic():
        generated.keep(
            name="count_words_1", project=str(cast.acme.pk), description="Count.", schema={"type": "object"},
            code="def run(data):\n    return {}\n", display_name="Count words", category="analysis",
        )  # fmt: skip
    assert names(cast.bob, "source=generated") == names(cast.bob, "category=analysis") == ["count_words_1"]
    assert "count_words_1" not in names(cast.bob, "source=system")
    assert names(cast.charlie, "source=generated") == names(cast.bob, "source=imported") == []
    assert cast.bob.get(f"{TOOLS}/count_words_1").json()["data"]["display_name"] == "Count words"
    assert cast.charlie.get(f"{TOOLS}/count_words_1").status_code == 404

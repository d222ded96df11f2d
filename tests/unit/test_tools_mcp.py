"""Which MCP servers there are, and what is made of what they say."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from mcp_types import CallToolResult, ImageContent, TextContent, ToolAnnotations
from mcp_types import Tool as McpTool

from agents.tools.mcp import adapting
from agents.tools.mcp.servers import McpMisconfigured, McpServer, servers_of


@pytest.mark.parametrize(
    "told",
    [
        [], {"lab": "x"}, {"lab": {}}, {"lab": {"command": ["x"], "url": "http://x"}}, {"lab": {"command": "x -y"}},
        {"lab": {"command": [1]}}, {"Lab": {"command": ["x"]}}, {"a__b": {"command": ["x"]}}, {"lab": {"url": "file:///x"}},
        {"lab": {"command": ["x"], "shell": True}}, {"lab": {"command": ["x"], "timeout": 0}},
        {"lab": {"command": ["x"], "effects": {"a": "maybe"}}}, {"lab": {"command": ["x"], "only": "all"}},
    ],
)  # fmt: skip
def test_what_could_not_be_started_is_refused(told):
    with pytest.raises(McpMisconfigured):
        servers_of(told)


def test_a_server_is_what_the_operator_wrote():
    found = servers_of({"lab": {"command": ["x", "-y"], "env": {"TOKEN": "hunter2"}, "effects": {"a": "read"}}})["lab"]
    assert (found.command, found.effects["a"]) == (("x", "-y"), "read")
    assert "hunter2" not in repr(found)


def offered(name: str = "a", **hints: bool) -> McpTool:
    annotations = ToolAnnotations(**hints) if hints else None
    return McpTool(name=name, input_schema={"type": "object"}, annotations=annotations)


@pytest.mark.parametrize(
    ("hints", "server", "effect"),
    [
        ({}, {}, "once"),
        ({"read_only_hint": True}, {}, "read"),
        ({"idempotent_hint": True}, {}, "idempotent"),
        ({"read_only_hint": False, "idempotent_hint": False}, {}, "once"),
        ({"read_only_hint": True}, {"trust_hints": False}, "once"),
        ({}, {"effects": {"a": "read"}}, "read"),
        ({"read_only_hint": True}, {"effects": {"a": "once"}}, "once"),
    ],
)
def test_an_effect_is_the_operators_word_the_servers_hint_or_once(hints, server, effect):
    assert adapting.effect_of(McpServer(name="lab", command=("x",), **server), offered(**hints)) == effect


def test_a_tool_has_a_name_that_makers_of_models_take():
    made = adapting.adapted(McpServer(name="lab", command=("x",)), offered("files/read it"))
    assert (made.name, made.permission, made.source) == ("lab__files_read_it", "ask", "mcp:lab")
    with pytest.raises(ValueError, match="name"):
        adapting.adapted(McpServer(name="lab", command=("x",)), offered("x" * 80))


def test_what_a_server_says_is_put_into_words():
    picture = ImageContent(type="image", data="aGk=", mime_type="image/png")
    said = CallToolResult(content=[TextContent(type="text", text="one"), picture])
    assert adapting.words_of(said) == "one\n[image: image/png]"
    assert '"a": 1' in adapting.words_of(CallToolResult(content=[], structured_content={"a": 1}))


def test_what_could_not_be_used_is_said_at_start():
    with override_settings(NEXUS_HTTP_ALLOW=["10.0.0.1/8"], NEXUS_MCP_SERVERS={"lab": {}}):
        assert [found.id for found in run_checks(tags=["agents"])] == ["agents.E001", "agents.E002"]
    with override_settings(NEXUS_HTTP_ALLOW=["10.0.0.0/8"], NEXUS_MCP_SERVERS={"lab": {"command": ["x"]}}):
        assert run_checks(tags=["agents"]) == []

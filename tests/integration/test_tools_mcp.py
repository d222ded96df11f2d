"""The tools of a real MCP server, over both transports: what it does once, and what becomes of it when it dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.providers.messages import ToolUse
from agents.tools import offers
from agents.tools import use as use_tool
from agents.tools.mcp import adapting, servers, sessions, speaking
from agents.tools.mcp.speaking import McpLost
from nexus import engine
from nexus.embedded.ports import free_port
from tests.support.gates import say
from tests.support.model_calls import an_execution
from tests.support.rivals import wait_for
from tests.support.runs import spec, submitted, task, work
from tests.support.stack import ROOT, Process

pytestmark = pytest.mark.django_db(transaction=True)
PROGRAM = ROOT / "tests/support/mcp_server.py"


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    return tmp_path_factory.mktemp("mcp") / "journal"


@pytest.fixture(scope="module")
def serving(journal):
    """The server at a port."""
    port = free_port()
    process = Process("mcp", [sys.executable, str(PROGRAM), str(journal), str(port)], {"PYTHONUNBUFFERED": "1"})
    process.says("serving")
    yield f"http://127.0.0.1:{port}/mcp"
    process.kill()


@pytest.fixture(params=["stdio", "http"])
def configured(request, settings, journal, monkeypatch):
    """One server, over its streams or at its port."""
    monkeypatch.setenv("A_SECRET_OF_OURS", "hunter2")
    journal.write_text("")
    if request.param == "stdio":
        told = {"command": [sys.executable, str(PROGRAM), str(journal)], "timeout": 10}
    else:
        told = {"url": request.getfixturevalue("serving"), "timeout": 10}
    settings.NEXUS_MCP_SERVERS = {"lab": told}
    adapting.forget()
    return request.param


@pytest.fixture
def context():
    return an_execution()


def used(context: engine.Context, name: str, *, id: str = "toolu_1", **input):
    return use_tool(context, role="intern", use=ToolUse(id=id, name=name, input=input))


def noted(journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in journal.read_text().splitlines()]


def test_its_tools_are_offered_with_its_name_and_used(configured, context, journal):
    offered = {offer.name: offer for offer in offers(role="intern", project="acme", order="WO-TEST")}
    assert {"lab__add", "lab__put", "lab__send", "lab__hang", "lab__die"} < set(offered)
    assert offered["lab__add"].schema["required"] == ["a", "b"]
    assert {tool.name: tool.effect for tool in adapting.every()} == {
        "lab__add": "read", "lab__environment": "read", "lab__hang": "read", "lab__put": "idempotent",
        "lab__send": "once", "lab__die": "once",
    }  # fmt: skip
    assert "\n5\n" in used(context, "lab__add", a=2, b=3).text
    assert used(context, "lab__add", id="2", a="two", b=3).is_error
    assert "A_SECRET_OF_OURS" not in used(context, "lab__environment", id="3").text
    put = used(context, "lab__put", id="4", value="x")
    key = str(engine.effects.get(key="0:4").outside_key)
    assert (put.is_error, [(one["put"], one["key"]) for one in noted(journal)]) == (False, [("x", key)])


def test_what_must_not_be_done_twice_is_asked_about_before_and_after(configured, journal):
    """It is agreed to; the server sends, and dies of it; nobody knows, so a person is asked once more."""
    run = work(submitted(spec("one", "test.uses", input={"tool": "lab__send", "input": {"to": "nobody"}})))
    assert noted(journal) == []
    say(engine.approvals.waiting().get(run=run))
    assert work(run).state == "completed"
    assert task(run, "one").output["is_error"], "done, and it says of itself that it went wrong"
    assert [one["sent"] for one in noted(journal)] == ["nobody"]


@pytest.mark.parametrize("configured", ["stdio"], indirect=True)
def test_a_server_that_dies_in_the_middle_leaves_a_doubt(configured, journal, context):
    run = work(submitted(spec("one", "test.uses", input={"tool": "lab__die", "input": {"to": "ann"}})))
    say(engine.approvals.waiting().get(run=run))
    work(run)
    doubt = engine.approvals.waiting().get(run=run)
    assert (doubt.content["name"], [one["sent"] for one in noted(journal)]) == ("lab__die", ["ann"])
    say(doubt, "respond", reason="ann has it")
    assert work(run).state == "completed"
    assert "ann has it" in task(run, "one").output["text"]
    assert "\n2\n" in used(context, "lab__add", a=1, b=1).text, "whoever comes next starts another"


@pytest.mark.parametrize("configured", ["stdio"], indirect=True)
def test_a_server_that_was_killed_is_started_again(configured, journal, context):
    used(context, "lab__put", value="x")
    os.kill(noted(journal)[0]["pid"], signal.SIGKILL)
    wait_for(lambda: not used_up(), what="the session to see it", within=20)
    assert not used(context, "lab__put", id="2", value="y").is_error
    assert len({one["pid"] for one in noted(journal)}) == 2


def used_up() -> bool:
    """Whether the session still takes calls: one that is lost is given up by the call that meets it."""
    try:
        speaking.call(adapting.servers()["lab"], "add", {"a": 1, "b": 1}, key="")
    except McpLost:
        return True
    return False


def test_a_server_that_hangs_costs_its_timeout(configured, settings, context):
    settings.NEXUS_MCP_SERVERS = {"lab": settings.NEXUS_MCP_SERVERS["lab"] | {"timeout": 1.0}}
    adapting.forget()
    answer = used(context, "lab__hang")
    assert answer.is_error
    assert "no answer within 1 s" in answer.text
    assert "\n2\n" in used(context, "lab__add", id="2", a=1, b=1).text


ENDS = """
import django; django.setup()
from agents.tools.mcp import adapting, speaking
speaking.call(adapting.servers()["lab"], "put", {"value": "x"}, key="")
"""


@pytest.mark.parametrize("configured", ["stdio"], indirect=True)
def test_a_program_ends_with_the_process_that_started_it(configured, settings, journal):
    told = {"NEXUS_MCP_SERVERS": json.dumps(settings.NEXUS_MCP_SERVERS)}
    done = subprocess.run([sys.executable, "-c", ENDS], cwd=ROOT, env=os.environ | told, check=False)
    assert done.returncode == 0
    (pid,) = {one["pid"] for one in noted(journal)}
    wait_for(lambda: not Path(f"/proc/{pid}").exists(), what="the program to end", within=10)


@pytest.mark.parametrize("told", [{"command": ["/no/such/program"]}, {"url": "http://127.0.0.1:9/mcp"}])
def test_a_server_that_is_away_offers_nothing_and_costs_nobody_else(settings, context, told):
    settings.NEXUS_MCP_SERVERS = {"gone": told | {"start_within": 3}}
    adapting.forget()
    offered = {offer.name for offer in offers(role="intern", project="acme")}
    assert "web_fetch" in offered
    assert not [name for name in offered if name.startswith("gone__")]
    assert used(context, "gone__anything").is_error


def test_sessions_are_this_processs_own(configured):
    adapting.every()
    assert {pid for pid, _ in sessions._sessions} == {os.getpid()}
    assert isinstance(adapting.servers()["lab"], servers.McpServer)

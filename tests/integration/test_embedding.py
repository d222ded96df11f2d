"""Embedding: the page's own code runs, and the door says what it promises."""

from __future__ import annotations

import re
import sys
import threading
import types
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import override_settings

from agents.models import Role, RoleVersion
from agents.tools import registry
from billing.errors import UnknownPrice
from nexus import engine
from nexus.errors import NotThere
from nexus.execution import handlers, runner
from nexus.tasks import transitions
from nexus.upkeep.timers import make_due_ready
from tests.architecture import tree
from tests.support.runs import ALICE
from tests.support.stories import models_answered
from workorders import api
from workorders.errors import OrderInvalid

pytestmark = pytest.mark.django_db(transaction=True)

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def sandbox():
    with models_answered() as sandbox:
        yield sandbox


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker of every queue, in a thread of its own."""
    over = threading.Event()

    def works() -> None:
        while not over.wait(0.02):
            make_due_ready()
            for found in list(engine.tasks.ready().values_list("pk", flat=True)):
                if held := transitions.claim(found, ALICE):
                    runner.run_one(held, holder=ALICE)
        connection.close()

    thread = threading.Thread(target=works, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def shop(monkeypatch) -> dict[str, object]:
    """What the page's own modules would hold; nothing of it stays."""
    registry.load()  # once in a process: into the copies it would be gone with them
    monkeypatch.setattr(registry, "_registry", dict(registry._registry))
    monkeypatch.setattr(registry, "_functions", dict(registry._functions))
    monkeypatch.setattr(handlers, "_registry", dict(handlers._registry))
    module = types.ModuleType("acme")
    monkeypatch.setitem(sys.modules, "acme", module)
    return vars(module)


def test_the_pages_code_does_what_the_page_says(worker, shop, sandbox, capsys):
    stock = {"tool_calls": [{"name": "shop_stock", "input": {"fruit": "pears"}}]}
    sandbox.play(stock, {"text": "Only {{result}} left."}, match={"contains": "enough of pears"})
    for block in BLOCK.findall((tree.ROOT / "docs/howto/embed.md").read_text(encoding="utf-8")):
        exec(compile(block, "embed.md", "exec", dont_inherit=True), shop)  # noqa: S102 — a page of ours
    said = capsys.readouterr().out
    assert "completed release-checklist" in said.replace("_", "-").lower(), said
    assert "blocked" in said
    assert said.rstrip().endswith("completed")
    (*_, last) = api.watching.events(shop["run"].pk, after=0, within=60)
    assert last.kind == "run.completed"
    assert engine.tasks.get(run=shop["run"]).output["advice"] == "Only 2 left."
    assert Role.objects.get(name="clerk").tools == ["shop_stock"]


def test_an_order_is_there_when_the_callers_rows_are():
    class Changed(Exception):
        pass

    def files_and_fails() -> None:
        with transaction.atomic():
            files_and_fails.order = api.file("Draft a checklist")
            raise Changed

    with pytest.raises(Changed):
        files_and_fails()
    with pytest.raises(NotThere):
        api.look(files_and_fails.order)


def test_what_is_wrong_is_said_as_everywhere():
    with pytest.raises(OrderInvalid, match="beginning and a star"):
        api.file("Draft a checklist", tools=["rm -rf"])
    with pytest.raises(OrderInvalid, match="at most 50 tools"):
        api.file("Draft a checklist", tools=["a"] * 51)
    with pytest.raises(UnknownPrice):
        api.define_role("clerk", model="nobody-knows-it")
    assert not Role.objects.filter(name="clerk").exists()
    for tools in (["a"], ["a"], ["b"]):
        api.define_role("clerk", model="claude-haiku-5-5", tools=tools)
    kept = RoleVersion.objects.filter(role="clerk").values_list("version", "tools")
    assert list(kept) == [(1, ["a"]), (2, ["b"])], "said again, it is no new version"
    with pytest.raises(NotThere):
        api.watch("WO-20000101-0001")


@pytest.mark.parametrize("redis_url", [None, "redis://127.0.0.1:1/0"])
def test_watching_ends_in_time_whether_redis_answers_or_not(redis_url):
    order = api.file("Draft a checklist")
    given = {} if redis_url is None else {"REDIS_URL": redis_url}
    with override_settings(**given), pytest.raises(TimeoutError):
        assert [event.kind for event in api.watch(order, within=0.3)] == []
    with override_settings(**given), pytest.raises(TimeoutError):
        api.wait(order, within=0.1)


def test_an_order_is_paused_resumed_and_cancelled():
    order = api.file("Draft a checklist", requester="ann")
    api.pause(order, actor="ann")
    assert api.look(order)["status"] == "paused"
    api.resume(order)
    api.cancel(order, reason="enough")
    assert api.wait(order, within=5)["status"] == "cancelled"
    assert [event.kind for event in api.watch(order)][-1] == "run.cancelled"
    assert api.report(order)["ledger"] == []
    assert (api.costs(order).lines, api.approvals(order)) == (0, [])

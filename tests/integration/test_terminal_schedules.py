"""`bin/nexus schedule`, against a real web process."""

from __future__ import annotations

import argparse
import io
import json
from typing import Any

import pytest

from apps.terminal import place
from apps.terminal.arguments import _parser
from apps.terminal.console import Console
from apps.terminal.exits import TerminalError
from apps.terminal.place import Address
from tests.support.people import a_cast
from tests.support.web import running
from workorders.models import Schedule, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def web():
    with running() as server:
        yield server


def told(*words: str) -> str:
    arguments: argparse.Namespace = _parser().parse_args(["schedule", *words])
    console = Console(io.StringIO(), io.StringIO())
    assert arguments.run(arguments, console) == 0
    return str(console.out.getvalue() + console.err.getvalue())


def test_a_schedule_is_added_listed_fired_and_switched_off(web, monkeypatch: Any):
    alice = a_cast().alice
    monkeypatch.setattr(place, "address", lambda: Address(url=f"http://{web.address}", key=alice.token))
    assert "no schedule" in told()

    added = json.loads(
        told(
            "add",
            "Report",
            "30 7 * * mon-fri",
            "Summarise it",
            "--zone",
            "Asia/Tokyo",
            "--project",
            "acme",
            "--budget",
            "0.5",
            "--json",
        )
    )
    row = Schedule.objects.get(public_id=added["id"])
    assert (row.zone, row.template["budget_usd"]) == ("Asia/Tokyo", "0.5")
    listed = told()
    assert "Report" in listed
    assert listed.split("\n")[1].split()[0] == row.public_id[:14]

    order = told("fire", row.public_id[:12]).strip()
    assert WorkOrder.objects.get().public_id == order
    assert order in told("ticks", row.public_id)
    assert " off " in told("off", row.public_id.removeprefix("sched-")[:6])
    told("delete", row.public_id)
    with pytest.raises(TerminalError, match="no schedule"):
        told("fire", row.public_id)
    with pytest.raises(TerminalError, match="no command"):
        told("often")

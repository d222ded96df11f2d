"""Machine work: done by code for nothing, with real effects, and only where exactly that is ordered."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.sandbox.remote import Remote
from billing import reports
from nexus import engine
from nexus.gates.ask import open_gates
from tests.support.runs import states
from tests.support.spending import check_books
from tests.support.stories import a_project, an_order, carried_out, models_answered, run_of, status_of, task_of
from workorders.equipment import backup, health, logs
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox() -> Iterator[Remote]:
    """Models that could be asked, and are not."""
    with models_answered() as remote:
        yield remote


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """The folder that this installation keeps its things in."""
    settings.NEXUS_HOME = str(tmp_path)
    return tmp_path


@pytest.fixture
def board(db: None) -> str:
    """Somebody of the Board, by name."""
    return str(User.objects.create_user("bea", password="a-long-password", is_staff=True).get_username())


def report_of(order: Any) -> str:
    return str(Deliverable.objects.get(order=order).body)


def assert_free(order: Any, sandbox: Remote) -> None:
    assert status_of(order) == "completed"
    assert sandbox.count() == 0
    assert reports.of_order(order.public_id).cost_usd == Decimal(0)
    assert reports.of_order(order.public_id).lines == 0
    check_books()


def test_a_health_check_looks_at_everything_and_costs_nothing(sandbox, home):
    order = carried_out(an_order("run a health check"))

    assert_free(order, sandbox)
    assert states(run_of(order)) == {"triage": "completed", "health_check": "completed", "close": "completed"}
    assert task_of(order, "health_check").queue == "nexus.tools"
    text = report_of(order)
    assert text.startswith("# Health check\n\n")
    for name in ("database", "redis", "dispatcher", "disk", "nexus.tools", "invariant:open_totals"):
        assert f" {name} |" in text
    assert "| ok | redis |" in text


def test_what_is_not_well_is_a_finding(sandbox, home, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.NEXUS_SANDBOX_URL, settings.ANTHROPIC_API_KEY = "", ""
    order = carried_out(an_order("请做一次健康检查"))
    assert status_of(order) == "completed"
    assert {"redis", "models"} <= set(task_of(order, "health_check").output["bad"])
    assert "项异常" in report_of(order)
    assert "| BAD | redis |" in report_of(order)


def test_a_health_check_that_finds_nothing_says_so(sandbox, home, monkeypatch):
    monkeypatch.setattr(health, "look", lambda: [health.Finding(name="a|b", ok=True, detail="two\nlines")])
    order = carried_out(an_order("health check"))
    assert "All 1 checks are well." in report_of(order)
    assert "| ok | a\\|b | two lines |" in report_of(order)


def test_a_cost_report_is_of_the_project_alone(sandbox, home):
    worked = carried_out(an_order())
    spent = reports.of_order(worked.public_id)
    asked = sandbox.count()

    order = carried_out(an_order("cost report", project=worked.project))
    elsewhere = carried_out(an_order("费用报告", project=a_project("elsewhere")))

    assert sandbox.count() == asked
    assert task_of(order, "cost_report").output["spent_usd"] == f"{spent.cost_usd:.9f}"
    by_role = reports.of_project_by(str(order.project_id), "role")
    assert f"| director | {by_role['director'].cost_usd:.9f} |" in report_of(order)
    assert task_of(elsewhere, "cost_report").output["spent_usd"] == "0.000000000"
    assert "按角色" not in report_of(elsewhere)


def test_logs_are_packed_and_begun_anew_while_they_are_open(sandbox, home, board):
    folder = home / "logs"
    folder.mkdir()
    (folder / "empty.log").touch()
    (folder / "web.1.log").write_text("older")
    (home / "elsewhere").write_text("keep me")
    (folder / "link.log").symlink_to(home / "elsewhere")
    with (folder / "web.log").open("ab", buffering=0) as writer:
        writer.write(b"first\n")
        order = carried_out(an_order("rotate the logs", requester=board))
        writer.write(b"second\n")

    assert_free(order, sandbox)
    assert task_of(order, "log_rotate").output["rotated"] == ["web.log"]
    (pack,) = folder.glob("web.log.*.gz")
    assert gzip.decompress(pack.read_bytes()) == b"first\n"
    assert (folder / "web.log").read_bytes() == b"second\n"
    assert (home / "elsewhere").read_text() == "keep me"
    assert not list(folder.glob(".*.part"))
    assert "| web.log | 6 |" in report_of(order)


def test_only_the_newest_packs_of_a_log_stay(sandbox, home, board, monkeypatch):
    monkeypatch.setattr(logs, "KEPT", 2)
    folder = home / "logs"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"web.log.202601{day}T000000000000.gz").touch()
    (folder / "other.log.20260101T000000000000.gz").touch()
    (folder / "web.log").write_text("x")
    order = carried_out(an_order("rotate the logs", requester=board))
    assert task_of(order, "log_rotate").output["removed"] == [
        "web.log.20260101T000000000000.gz", "web.log.20260102T000000000000.gz"
    ]  # fmt: skip
    assert (folder / "other.log.20260101T000000000000.gz").exists()


def test_without_logs_there_is_nothing_to_rotate(sandbox, home, board):
    order = carried_out(an_order("日志轮转", requester=board))
    assert task_of(order, "log_rotate").output["rotated"] == []
    assert "已打包" in report_of(order)


def test_a_backup_is_a_dump_that_can_be_read_with_its_checksum(sandbox, home, board):
    order = carried_out(an_order("Back up the database", requester=board))

    assert_free(order, sandbox)
    (dump,) = (home / "backups").glob("*.dump")
    facts = task_of(order, "backup").output
    assert facts["sha256"] == hashlib.sha256(dump.read_bytes()).hexdigest()
    assert dump.with_suffix(".sha256").read_text() == f"{facts['sha256']}  {dump.name}\n"
    assert dump.stat().st_mode & 0o077 == 0
    listed = subprocess.run(
        [backup._program("pg_restore"), "--list", dump], capture_output=True, text=True, check=True
    ).stdout
    assert "TABLE DATA public workorders_workorder" in listed
    assert str(dump) in report_of(order)
    assert facts["sha256"] in report_of(order)
    assert not list((home / "backups").glob(".*.part"))


def test_only_the_newest_backups_stay(sandbox, home, board, monkeypatch):
    monkeypatch.setattr(backup, "KEPT", 1)
    (home / "backups").mkdir()
    old = home / "backups" / "nexus-20200101T000000-WO-20200101-0001.dump"
    old.touch()
    old.with_suffix(".sha256").touch()
    order = carried_out(an_order("备份数据库", requester=board))
    assert task_of(order, "backup").output["removed"] == [old.name]
    assert len(list((home / "backups").iterdir())) == 2


def test_a_backup_that_cannot_be_made_leaves_none(sandbox, home, board, monkeypatch):
    monkeypatch.setattr(backup, "_environment", lambda: {"PGHOST": "127.0.0.1", "PGPORT": "1"})
    order = carried_out(an_order("backup", requester=board))
    error = engine.Attempt.objects.filter(task=task_of(order, "backup")).latest("pk").error
    assert error["code"] == "backup_failed"
    assert "refused" in error["message"]
    assert list((home / "backups").iterdir()) == []


def test_without_pg_dump_a_backup_is_refused(sandbox, home, board, monkeypatch):
    monkeypatch.setattr(backup.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    order = carried_out(an_order("backup", requester=board))
    assert task_of(order, "backup").error["code"] == "no_pg_dump"


def test_what_is_of_the_whole_installation_is_agreed_to_by_the_board(sandbox, home, board):
    order = carried_out(an_order("Back up the database", requester="mallory"))
    assert open_gates() == 1
    assert status_of(order) == "blocked"
    assert not (home / "backups").exists()
    (asked,) = engine.approvals.waiting().filter(run_id=order.run_id)
    assert asked.approvers == [board]
    assert asked.message.startswith("mallory wants this")

    engine.decide(approval_id=asked.pk, decision="approve", hash=asked.hash, actor=board)
    order = carried_out(order)

    assert_free(order, sandbox)
    assert list((home / "backups").glob("*.dump"))


@pytest.mark.parametrize("given", [{"acceptance": ["Reads well"]}, {"files": [{"name": "a.md", "content": "a"}]}])
def test_a_request_that_brings_more_is_no_order_for_a_machine(sandbox, home, given):
    order = carried_out(an_order("health check", **given))
    assert "health_check" not in states(run_of(order))
    assert sandbox.count() > 0

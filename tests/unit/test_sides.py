"""Side by side: what stays together, what is begun first, and who starts the servers."""

from __future__ import annotations

import argparse

import pytest

from tests.support import servers, sides


def test_a_file_stays_in_one_process_and_journeys_do_together() -> None:
    assert sides.unit_of("tests/unit/test_a.py::test_x[1]") == "tests/unit/test_a.py"
    assert sides.unit_of("tests/journeys/test_a.py::test_x") == sides.unit_of("tests/journeys/test_b.py::test_y")


def test_what_takes_longest_is_begun_first() -> None:
    files = ["tests/unit/test_a.py", "tests/races/test_b.py", "tests/journeys/", "tests/chaos/test_core.py"]
    assert sorted(files, key=sides.turn_of) == files[::-1]


@pytest.mark.parametrize(
    ("processes", "worker", "paths", "needed"),
    [
        (None, False, [], True),
        (0, False, ["tests/races"], True),
        (2, False, [], False),
        (2, True, [], True),
        (None, True, [], True),
        (None, False, ["tests/unit", "tests/architecture"], False),
        (None, True, ["tests/unit"], False),
    ],
)
def test_servers_are_started_where_tests_run_that_ask_them(
    monkeypatch: pytest.MonkeyPatch, processes: int | None, worker: bool, paths: list[str], needed: bool
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    if worker:
        monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    assert servers._are_needed(argparse.Namespace(numprocesses=processes, file_or_dir=paths)) is needed

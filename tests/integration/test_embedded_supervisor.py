"""The supervisor with toy processes: order, restart, and that nothing is left behind whatever ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.rivals import wait_for

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import re, sys
from pathlib import Path
from nexus.embedded.home import Home
from nexus.embedded.programs import Program
from nexus.embedded.servers import Service
from nexus.embedded.supervisor import Stage, Supervisor

def toy(name, body, says=b"works"):
    argv = (sys.executable, "-u", "-c", body)
    return Service(program=Program(name=name, argv=argv, env={}, patience=5.0), says=re.compile(says))

def said(name, line):
    print(f"{name}|{line}", flush=True)

home = Home.open(Path(sys.argv[1]))
stages = STAGES
Supervisor(
    home=home, stages=stages, addresses={}, echo=said, on_ready=lambda: said("nexus", "ready"),
    while_used="--while-used" in sys.argv,
).run()
"""
STAYS = "import time; print('works'); time.sleep(600)"
LEAVES_A_CHILD = (
    "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print('child', p.pid); print('works'); p.wait()"
)
SAYS_GOODBYE = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('goodbye'), sys.exit(0)));"
    "print('works'); time.sleep(600)"
)


class Running:
    """A supervisor in a process of its own."""

    def __init__(self, home: Path, stages: str, *arguments: str) -> None:
        self.home, self.lines = home, []
        source = textwrap.dedent(SUPERVISOR).replace("STAGES", stages)
        self.process = subprocess.Popen(
            [sys.executable, "-c", source, str(home), *arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def until(self, pattern: str) -> re.Match[str]:
        """Read what it prints until a line matches."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if found := re.search(pattern, line):
                return found
        pytest.fail(f"ended without {pattern!r}:\n" + "\n".join(self.lines))

    def rest(self) -> list[str]:
        """Read what it prints until its end."""
        assert self.process.stdout
        self.lines += [line.rstrip() for line in self.process.stdout]
        return self.lines

    def state(self) -> dict[str, Any]:
        return json.loads((self.home / "run" / "state.json").read_text())

    def pids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.state()["processes"]}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(stages: str, *arguments: str) -> Running:
        running.append(Running(tmp_path / "a home", stages, *arguments))
        return running[-1]

    yield begin
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_stages_start_in_order_and_stop_in_reverse(start: Callable[..., Running]) -> None:
    up = start(
        f"[Stage(services=(toy('first', {SAYS_GOODBYE!r}),)), Stage(services=(toy('second', {SAYS_GOODBYE!r}),))]"
    )
    up.until("ready")
    up.process.send_signal(signal.SIGINT)
    said = [line for line in up.rest() if "|" in line]
    assert said == [
        "first|works", "second|works", "nexus|ready", "second|goodbye", "first|goodbye",
    ]  # fmt: skip
    assert up.process.wait(10) == 0
    assert not (up.home / "run" / "state.json").exists()


def test_what_comes_after_a_stage_runs_once_and_its_failure_ends_the_start(start: Callable[..., Running]) -> None:
    fails = (
        "Program(name='migrate', argv=(sys.executable, '-c', 'print(\"no such table\"); raise SystemExit(3)'), env={})"
    )
    up = start(f"[Stage(services=(toy('db', {STAYS!r}),), then=({fails},)), Stage(services=(toy('web', {STAYS!r}),))]")
    lines = up.rest()
    assert up.process.wait(10) == 1
    assert any("ServerError: migrate ended with code 3" in line for line in lines)
    assert any("no such table" in line for line in lines)
    assert "web|works" not in lines


def test_a_killed_process_is_started_again_and_counted(start: Callable[..., Running]) -> None:
    up = start(f"[Stage(services=(toy('one', {STAYS!r}),))]")
    up.until("ready")
    first = up.pids()["one"]
    os.kill(first, signal.SIGKILL)
    up.until(r"one\|works")
    wait_for(lambda: up.state()["processes"][0]["works"], within=10, what="the second life")
    now = up.state()["processes"][0]
    assert now["restarts"] == 1
    assert now["pid"] != first


def test_a_process_that_never_works_is_the_end_of_the_start(start: Callable[..., Running]) -> None:
    up = start("[Stage(services=(toy('bad', 'print(\"port taken\"); raise SystemExit(7)'),))]")
    lines = up.rest()
    assert up.process.wait(10) == 1
    assert any("ServerError: bad ended with code 7 instead of starting" in line for line in lines)
    assert any("port taken" in line for line in lines)


def test_nothing_is_left_when_the_supervisor_is_killed(start: Callable[..., Running]) -> None:
    up = start(f"[Stage(services=(toy('one', {STAYS!r}), toy('parent', {LEAVES_A_CHILD!r})))]")
    grandchild = int(up.until(r"parent\|child (\d+)")[1])
    up.until("ready")
    pids = [*up.pids().values(), grandchild]
    assert not any(map(gone, pids))
    up.process.kill()
    wait_for(lambda: all(map(gone, pids)), within=10, what=f"the end of {pids}")
    assert all(map(gone, pids))


def test_children_die_by_the_kernels_hand_when_the_keeper_is_killed_too(start: Callable[..., Running]) -> None:
    up = start(f"[Stage(services=(toy('one', {STAYS!r}),))]")
    up.until("ready")
    children = Path(f"/proc/{up.process.pid}/task/{up.process.pid}/children").read_text().split()
    pid = up.pids()["one"]
    for child in children:
        if int(child) != pid:
            os.kill(int(child), signal.SIGKILL)
    up.process.kill()
    wait_for(lambda: gone(pid), within=10, what=f"the end of {pid}")
    assert gone(pid)


def test_a_child_that_ignores_the_polite_signal_is_killed_at_the_second_one(start: Callable[..., Running]) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('works'); time.sleep(600)"
    up = start(f"[Stage(services=(toy('one', {stubborn!r}),))]")
    up.until("ready")
    pid, asked = up.pids()["one"], time.monotonic()
    up.process.send_signal(signal.SIGTERM)
    up.process.send_signal(signal.SIGINT)
    up.rest()
    assert up.process.wait(10) == 0
    assert gone(pid)
    assert time.monotonic() - asked < 4, "well before its patience of 5 s was over"


def test_it_stays_while_it_is_used_and_goes_when_its_users_are_gone(start: Callable[..., Running]) -> None:
    from nexus.embedded.home import Home
    from nexus.embedded.locks import Use

    up = start(f"[Stage(services=(toy('one', {STAYS!r}),))]", "--while-used")
    up.home.mkdir(exist_ok=True)
    use = Use(Home.open(up.home))
    up.until("ready")
    with pytest.raises(subprocess.TimeoutExpired):
        up.process.wait(3)
    use.end()
    assert up.process.wait(10) == 0

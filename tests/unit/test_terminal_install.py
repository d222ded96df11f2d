"""Making .venv, with a stand-in for the installer: what is under test is who installs, when, and what is left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

INSTALL = Path(__file__).resolve().parents[2] / "apps" / "terminal" / "install.py"
UV = """#!/bin/sh
echo "$1" >> "$CALLS"
case $1 in
    venv)
        for last; do :; done
        mkdir -p "$last/bin"
        printf '#!/bin/sh\\n' > "$last/bin/python"
        chmod 755 "$last/bin/python" ;;
    pip) read -r _ < "$GATE"; exit "${CODE:-0}" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    clone = tmp_path / "a clone"
    (clone / "tools").mkdir(parents=True)
    (clone / "local.txt").write_text("nothing==1\n")
    (clone / "gate").write_text("open\n")
    uv = clone / "tools" / "uv"
    uv.write_text(UV)
    uv.chmod(0o755)
    return clone


def install(clone: Path, stamp: str = "1 2", **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, INSTALL, clone / ".venv", clone / "local.txt", f"local={stamp}"],
        env={
            "PATH": f"{clone / 'tools'}:/usr/bin:/bin",
            "CALLS": str(clone / "calls"),
            "GATE": str(clone / "gate"),
            **env,
        },
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def calls(clone: Path) -> list[str]:
    return (clone / "calls").read_text().split()


def test_two_at_once_install_once(clone: Path) -> None:
    # Both begin before the first has finished: its installer waits at the gate, the other one at the lock.
    (clone / "gate").unlink()
    subprocess.run(["mkfifo", clone / "gate"], check=True)
    both = [install(clone), install(clone)]
    (clone / "gate").write_text("open\n")
    told = [one.communicate(timeout=30)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert calls(clone) == ["venv", "pip"]
    assert sorted("installing" in text for text in told) == [False, True]
    assert (clone / ".venv" / "nexus-local").read_text() == "1 2\n"


def test_an_installation_that_failed_leaves_no_stamp_and_is_begun_again(clone: Path) -> None:
    failed = install(clone, CODE="1")
    _, told = failed.communicate(timeout=30)
    assert failed.returncode == 1
    assert "the installation failed" in told
    assert not (clone / ".venv" / "nexus-local").exists()
    again = install(clone)
    again.communicate(timeout=30)
    assert again.returncode == 0
    assert calls(clone) == ["venv", "pip", "pip"], "the environment itself was whole"


def test_new_requirements_are_installed_into_the_environment_that_is_there(clone: Path) -> None:
    for stamp in ("1 2", "1 2", "3 4"):
        install(clone, stamp).communicate(timeout=30)
    assert calls(clone) == ["venv", "pip", "pip"]
    assert (clone / ".venv" / "nexus-local").read_text() == "3 4\n"


def test_everything_is_said_on_stderr(clone: Path) -> None:
    out, told = install(clone).communicate(timeout=30)
    assert out == ""
    assert "installing local.txt into" in told

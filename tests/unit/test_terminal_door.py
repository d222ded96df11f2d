"""bin/nexus itself, in a clone whose .venv holds a stand-in for Python."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = """#!/bin/sh
printf 'cwd=%s\\nhome=%s\\n' "$PWD" "${NEXUS_HOME:-}"
for word in "$@"; do printf 'word=%s\\n' "$word"; done
exit 7
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    clone = tmp_path / "a clone with spaces"
    (clone / "bin").mkdir(parents=True)
    (clone / ".venv" / "bin").mkdir(parents=True)
    shutil.copytree(ROOT / "requirements", clone / "requirements")
    shutil.copy(ROOT / "bin" / "nexus", clone / "bin" / "nexus")
    python = clone / ".venv" / "bin" / "python"
    python.write_text(STAND_IN)
    python.chmod(0o755)
    stamp(clone, "local", "base", "local")
    return clone


def stamp(clone: Path, name: str, *files: str) -> None:
    content = b"".join((clone / "requirements" / f"{file}.txt").read_bytes() for file in files)
    sum_of = subprocess.run(["cksum"], input=content, capture_output=True, check=True).stdout.decode()
    (clone / ".venv" / f"nexus-{name}").write_text(sum_of)


def call(door: Path, *words: str, cwd: Path, user: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    # An empty PATH but for the basics: nothing here may reach a package index.
    usual = {"PATH": "/usr/bin:/bin", "PYTHON": "/nonexistent/python"}
    return subprocess.run(
        [door, *words], cwd=cwd, env=usual | env, user=user, capture_output=True, text=True, check=False, timeout=30
    )


def test_it_runs_the_terminal_of_its_own_clone_and_hands_on_words_and_exit_code(clone: Path, tmp_path: Path) -> None:
    done = call(clone / "bin" / "nexus", "run", "two words", "--json", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        f"cwd={clone}", "home=", "word=-m", "word=apps.terminal", "word=run", "word=two words", "word=--json",
    ]  # fmt: skip
    assert done.returncode == 7
    assert done.stderr == ""


def test_it_finds_its_clone_through_symlinks(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to(clone / "bin" / "nexus")
    (tmp_path / "two").symlink_to("one")
    assert call(tmp_path / "two", "ls", cwd=Path("/")).stdout.startswith(f"cwd={clone}\n")


def test_a_relative_home_is_meant_from_where_the_caller_stands(clone: Path, tmp_path: Path) -> None:
    told = call(clone / "bin" / "nexus", "ls", cwd=tmp_path, NEXUS_HOME="my home").stdout
    assert f"home={tmp_path}/my home\n" in told


def test_a_change_of_the_requirements_makes_the_environment_stale(clone: Path) -> None:
    with (clone / "requirements" / "base.txt").open("a") as requirements:
        requirements.write("another==1.0\n")
    done = call(clone / "bin" / "nexus", "ls", cwd=clone)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and none was found" in done.stderr
    assert done.stdout == ""


def test_tests_need_more_than_the_rest(clone: Path) -> None:
    assert call(clone / "bin" / "nexus", "test", cwd=clone).returncode == 1
    stamp(clone, "dev", "base", "local", "dev")
    assert call(clone / "bin" / "nexus", "test", cwd=clone).returncode == 7


def test_a_clone_of_somebody_else_is_refused_in_a_sentence(clone: Path) -> None:
    shutil.rmtree(clone / ".venv")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        theirs = Path(shutil.copytree(clone, Path(folder) / "theirs"))
        theirs.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)
        # Root may write anywhere: it looks at the clone as somebody who may not.
        done = call(theirs / "bin" / "nexus", "ls", cwd=Path("/"), user="nobody" if os.geteuid() == 0 else None)
        theirs.chmod(0o755)
    assert done.returncode == 1
    assert "you cannot write to" in done.stderr

"""`test`: every test, and how many there are of each kind."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.terminal import place
from apps.terminal.console import Console, table

_TESTS = place.ROOT / "tests"
_FAST = ("-m", "not slow", "--hypothesis-profile=fast", "tests/unit", "tests/architecture")
"""What `--fast` runs: what needs no server, with fewer examples of each property. Types are left to the whole: to read
those of every library takes tens of seconds."""
_COVERAGE = "--coverage"
_MEASURED = ("billing", "agents")
_BOUND = 90
"""More than so many of a hundred lines, and branches, of each of them are run by all tests together."""
_CHOOSES = ("-k", "-m", "--fast", "--lf", "--last-failed", "--deselect", "--ignore")
"""Words by which not everything runs: then nothing can be said of what does not."""
_LINES, _BRANCHES = ("covered_lines", "num_statements"), ("covered_branches", "num_branches")
_COUNTS = (*_LINES, *_BRANCHES)
_SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses=4")
"""A process per core; more than four would wait for the longest of them."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run pytest, which starts servers of its own; say what ran by kind. The exit code is pytest's."""
    with tempfile.TemporaryDirectory(prefix="nexus-test-") as folder:
        results, lines = Path(folder) / "results.xml", Path(folder) / "coverage.json"
        words = [word for word in arguments.rest if word != _COVERAGE]
        measured = covering(lines) if len(words) < len(arguments.rest) else ()
        command = [sys.executable, "-m", "pytest", f"--junit-xml={results}", *measured, *asked(words)]
        code = subprocess.run(command, cwd=place.ROOT, env=around(os.environ), check=False).returncode
        if results.exists():
            counted = count(results.read_text(encoding="utf-8"), kinds=kinds())
            console.data("\n" + table(rows(counted)))
            console.data(f"\n{_total(counted, 'passed')} passed, {_total(counted, 'failed')} failed")
        if lines.exists():
            told = covered(json.loads(lines.read_text(encoding="utf-8")))
            console.data("\n" + table(told))
            few = below(told) if is_everything(words) else []
            console.data("".join(f"\n{one}: not more than {_BOUND} %" for one in few))
            code = code or int(bool(few))
    return code if code >= 0 else 128 - code


def around(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the tests, in which what Python compiles is kept.

    They start about a hundred and fifty processes, and each would compile the whole product again: a third of a second.
    """
    return {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}


def covering(report: Path) -> list[str]:
    """Return pytest's arguments that measure the packages where money is spent, processes of their own included."""
    return [
        *(f"--cov={package}" for package in _MEASURED),
        "--cov-branch",
        "--cov-report=",
        f"--cov-report=json:{report}",
    ]


def covered(report: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the table: of each package how many of its lines and of its branches were run."""
    counted = {package: Counter[str]() for package in _MEASURED}
    for file, found in report["files"].items():
        counted[Path(file).parts[0]].update({name: found["summary"][name] for name in _COUNTS})
    rows = [(name, _share(found, *_LINES), _share(found, *_BRANCHES)) for name, found in counted.items()]
    return [("PACKAGE", "LINES", "BRANCHES"), *rows]


def below(told: list[tuple[str, ...]]) -> list[str]:
    """Return what of the table is not above the bound: `billing lines`."""
    heads = told[0][1:]
    shares = [(name, dict(zip(heads, row, strict=True))) for name, *row in told[1:]]
    return [
        f"{name} {head.lower()}" for name, found in shares for head, share in found.items()
        if not share.endswith("%") or float(share.split()[0]) <= _BOUND
    ]  # fmt: skip


def is_everything(words: list[str]) -> bool:
    """Whether pytest is asked for all tests."""
    return not any(_is_path(word) or word.startswith(_CHOOSES) for word in words)


def _share(found: Counter[str], some: str, all: str) -> str:
    return f"{100 * found[some] / found[all]:.1f} %" if found[all] else "-"


def asked(words: list[str]) -> list[str]:
    """Return pytest's arguments: everything or `--fast` runs side by side, what is named by path in one process.

    So does everything on a server that is named in DATABASE_URL: there is one of it. A later word wins: `-n0` too.
    """
    rest = [word for word in words if word != "--fast"]
    fast = _FAST if len(rest) < len(words) else ()
    alone = any(_is_path(word) for word in rest) or ("DATABASE_URL" in os.environ and not fast)
    return [*(() if alone else _SIDE_BY_SIDE), *fast, *rest]


def _is_path(word: str) -> bool:
    return not word.startswith("-") and (place.ROOT / word.partition("::")[0]).exists()


def kinds() -> list[str]:
    """Return the kinds of tests: the folders of tests/ that hold any."""
    return sorted(folder.name for folder in _TESTS.iterdir() if any(folder.glob("test_*.py")))


def count(results: str, *, kinds: list[str]) -> dict[str, Counter[str]]:
    """Return for each kind how many tests passed, failed and were skipped, from pytest's own record."""
    counted: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    for case in ET.fromstring(results).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        place_of_test = case.get("classname", "").split(".")
        kind = next((part for part in place_of_test if part in counted), "other")
        counted.setdefault(kind, Counter())[_outcome(case)] += 1
    return counted


def rows(counted: dict[str, Counter[str]]) -> list[tuple[str, ...]]:
    """Return the table: a line per kind, and their sum."""
    words = ("passed", "failed", "skipped")
    lines = [(kind, *(str(found[word]) for word in words)) for kind, found in sorted(counted.items()) if found]
    return [("KIND", *map(str.upper, words)), *lines, ("all", *(str(_total(counted, word)) for word in words))]


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def _total(counted: dict[str, Counter[str]], word: str) -> int:
    return sum(found[word] for found in counted.values())

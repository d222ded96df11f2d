"""Crash points: what arms them, and where they are refused."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from nexus import crashing
from tests.architecture import tree

PASSES = """
import django; from django.conf import settings
settings.configure(NEXUS_CRASH={told!r})
from nexus.crashing import crash
for n in range(1, 5):
    crash("K8"); crash("K9"); print(n, flush=True)
"""


def passed(told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PASSES.format(told=told)], capture_output=True, text=True, cwd=tree.ROOT, check=False
    )


def test_a_process_dies_at_the_pass_it_was_told():
    died = passed("K9:3")
    assert (died.returncode, died.stdout.split()) == (-signal.SIGKILL, ["1", "2"])


def test_a_process_that_was_told_nothing_lives():
    lived = passed("")
    assert (lived.returncode, lived.stdout.split()) == (0, ["1", "2", "3", "4"])


@pytest.mark.parametrize("told", ["K99", "K9:0", "K9:x", "9"])
def test_a_point_that_is_none_is_refused(told):
    with pytest.raises(ValueError, match=r"."):
        crashing.parse(told)


def test_production_refuses_to_start_with_one():
    with override_settings(NEXUS_CRASH="K9:1", SETTINGS_MODULE="config.settings.production"):
        assert [found.id for found in run_checks(tags=["nexus"])] == ["nexus.E004"]
    with override_settings(NEXUS_CRASH="K9:1"):
        assert run_checks(tags=["nexus"]) == []


def test_every_point_stands_in_the_code_once():
    placed = [
        point
        for path in tree.product()
        for point in re.findall(r'^\s+(?:engine\.)?crash\("(K\d+)"\)', path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert sorted(placed) == sorted(crashing.POINTS)

"""`bench`: Nexus beside its peers, on servers of its own; nothing of this installation is touched."""

from __future__ import annotations

import argparse
import subprocess
import sys

from apps.terminal import place
from apps.terminal.console import Console

_VALUES = ("only", "rounds", "seconds", "nexus_pool", "calls_pool", "tasks", "svg")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Measure what was asked for; code 1 when a measurement failed."""
    asked = [sys.executable, "-m", "tests.bench"]
    for name in _VALUES:
        if (value := getattr(arguments, name)) is not None:
            asked += [f"--{name.replace('_', '-')}", str(value)]
    asked += [f"--{name}" for name in ("json", "quiet") if getattr(arguments, name)]
    code = subprocess.run(asked, cwd=place.ROOT, check=False).returncode
    return code if code >= 0 else 128 - code

"""`chaos`: the fault matrix, on servers and processes of its own; nothing of this installation is touched."""

from __future__ import annotations

import argparse
import subprocess
import sys

from apps.terminal import place
from apps.terminal.console import Console


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Run the rows that were asked for; code 1 when one was breached."""
    asked = [sys.executable, "-m", "tests.chaos", "--rows", arguments.rows]
    numbers = {name: getattr(arguments, name) for name in ("seed", "minutes", "orders")}
    asked += [word for name, value in numbers.items() if value is not None for word in (f"--{name}", str(value))]
    asked += [f"--{name}" for name in ("json", "quiet", "mutate") if getattr(arguments, name)]
    code = subprocess.run(asked, cwd=place.ROOT, check=False).returncode
    return code if code >= 0 else 128 - code

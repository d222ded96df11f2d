"""`reconcile`: a provider's bill beside the ledger of this installation."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from apps.terminal import place
from apps.terminal.commands.manage import environment
from apps.terminal.console import Console
from apps.terminal.exits import USAGE, TerminalError


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Compare; what is missing of Postgres and Valkey runs for as long as that takes."""
    if arguments.file != "-" and not Path(arguments.file).is_file():
        raise TerminalError(f"there is no file {arguments.file}", code=USAGE)
    with environment(place.home()) as env:
        code = subprocess.run(
            [sys.executable, "manage.py", "reconcile", *_handed_on(arguments)],
            cwd=place.ROOT, env=dict(env), check=False,
        ).returncode  # fmt: skip
    return code if code >= 0 else 128 - code


def _handed_on(arguments: argparse.Namespace) -> list[str]:
    said = [arguments.file if arguments.file == "-" else str(Path(arguments.file).absolute())]
    said += [word for column in arguments.column for word in ("--column", column)]
    for name in ("from", "to", "tolerance"):
        if value := getattr(arguments, name):
            said += [f"--{name}", value]
    return said + [f"--{name}" for name in ("book", "json") if getattr(arguments, name)]

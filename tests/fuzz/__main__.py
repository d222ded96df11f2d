"""The long run."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from nexus.embedded import postgres

from .asking import ask_everything
from .ground import ground


def main() -> int:
    """Ask, print what is wrong, and say so by the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    several = "requests for each operation, and half as many of what its schema does not allow"
    parser.add_argument("--examples", type=int, default=100, help=several)
    parser.add_argument("--only", default="", help="a pattern that the paths have")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nexus-fuzz-", ignore_cleanup_errors=True) as made:
        home = Path(made)
        with postgres.running(home) as url:
            os.environ["DATABASE_URL"] = url
            with ground(home) as there:
                report = ask_everything(there, examples=given.examples, only=given.only, number=given.seed)
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(report.answered.items()))
    lines = [*report.lines(), f"{sum(report.asked.values())} requests, {len(report.asked)} operations: {answered}"]
    sys.stdout.write("\n".join([*lines, f"{len(report.findings)} findings", ""]))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""`bin/nexus bench`: Nexus beside its peers on the same servers, in one run; 1 when a measurement failed."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from apps.terminal import place

from . import calls, duelling, feed, history, intake, machine, plot, table
from .duels import Arena, say
from .ground import Ground, ground
from .measured import Asked, Measured, NotRun

MEASUREMENTS: dict[str, Callable[[Arena, Asked, str], Measured]] = {
    **duelling.MEASUREMENTS,
    **intake.MEASUREMENTS,
    **feed.MEASUREMENTS,
    **calls.MEASUREMENTS,
    **history.MEASUREMENTS,
}
"""By the name that `--only` takes, in the order in which they run."""


def main() -> int:
    """Measure what was asked for."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped
    with contextlib.redirect_stderr(io.StringIO() if asked.quiet else sys.stderr), ground(kept=_kept()) as on:
        report = measure(on, asked)
    if asked.svg:
        asked.svg.write_text(plot.svg(report), encoding="utf-8")
    sys.stdout.write((json.dumps(report, ensure_ascii=False) if asked.json else table.table(report)) + "\n")
    return 1 if report["failures"] else 0


def measure(on: Ground, asked: Asked) -> dict[str, object]:
    """Run the measurements; one that breaks does not stop the others."""
    ratios: dict[str, float] = {}
    measures: dict[str, object] = {}
    not_run: dict[str, str] = {}
    failures: dict[str, str] = {}
    with contextlib.closing(Arena(on, asked.seconds)) as arena:
        for name in asked.only or MEASUREMENTS:
            say(name)
            try:
                found = MEASUREMENTS[name](arena, asked, name)
            except NotRun as error:
                not_run[name] = str(error)
            except Exception as error:  # noqa: BLE001 - whatever it was, the rest is measured and the run says it
                say(traceback.format_exc())
                failures[name] = f"{type(error).__name__}: {error}"
            else:
                ratios |= {key: round(value, 3) for key, value in found.ratios.items()}
                measures[name] = found.detail
    return {
        "ratios": ratios,
        "measures": measures,
        "not_run": not_run,
        "failures": failures,
        "machine": machine.described(),
        "settings": asked.told(),
    }


def _kept() -> Path:
    return place.home().path / "bench"


def _arguments() -> Asked:
    parser = argparse.ArgumentParser(prog="bin/nexus bench", description=__doc__)
    parser.add_argument("--only", type=_names, default=[], metavar="A,B", help="only these: " + ", ".join(MEASUREMENTS))
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds of each, in turns")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S", help="how long one round counts")
    parser.add_argument("--nexus-pool", default="", metavar="threads:16x1", help="kind:size x processes, with commas")
    parser.add_argument("--calls-pool", default="", metavar="threads:500x2", help="the same, for `calls`")
    parser.add_argument("--tasks", type=int, default=1_000_000, metavar="N", help="finished tasks for `history`")
    parser.add_argument("--svg", type=Path, metavar="PATH", help="write the plot there")
    parser.add_argument("--quiet", action="store_true", help="nothing on stderr while it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return Asked(**vars(parser.parse_args()))


def _names(text: str) -> list[str]:
    names = [name for name in text.split(",") if name]
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        raise argparse.ArgumentTypeError(f"no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())

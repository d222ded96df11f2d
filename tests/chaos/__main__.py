"""`bin/nexus chaos`: runs rows of the fault matrix, asks the oracle after each, prints the table; 1 on any breach."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from typing import Literal

from tests.chaos import mutants, oracle
from tests.chaos.matrix import ROWS, Row
from tests.chaos.stage import CannotRun, Stage, stage


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one row."""

    row: int
    injected: str
    verdict: Literal["held", "breach", "not_run"]
    figure: str = ""
    why: str = ""


class Runner:
    """Runs row after row on one stage; takes a new one after a breach, so that one row does not stain the next."""

    def __init__(self, seed: int) -> None:
        """Nothing is started yet."""
        self._seed = seed
        self._open = contextlib.ExitStack()
        self._stage: Stage | None = None

    def __enter__(self) -> Runner:
        """Run inside a block: its end stops everything."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self._open.close()
        self._stage = None

    def run(self, row: Row) -> Verdict:
        """Run one row and ask the oracle."""
        if row.act is None:
            return Verdict(row=row.number, injected=row.injected, verdict="not_run", why=row.why)
        if self._stage is None:
            self._stage = self._open.enter_context(stage(self._seed))
        on = self._stage
        # A row breaks the same things at the same moments, whichever rows ran before it.
        on.dice.seed(f"{self._seed}/{row.number}")
        figure = ""
        try:
            figure = row.act(on)
            on.mend()
            on.quiet()
            broken = oracle.breaches(on.nexus, gone=on.gone)
        except CannotRun as error:
            return Verdict(row=row.number, injected=row.injected, verdict="not_run", why=str(error))
        except Exception as error:  # noqa: BLE001 - whatever comes up is the row's verdict
            trace = traceback.extract_tb(error.__traceback__)
            ours = [frame for frame in trace if "chaos" in frame.filename]
            broken = [f"{type(error).__name__}: {error} ({ours[-1].name}:{ours[-1].lineno})"]
        if not broken:
            return Verdict(row=row.number, injected=row.injected, verdict="held", figure=figure)
        self._show_logs(on)
        self.__exit__()
        return Verdict(row=row.number, injected=row.injected, verdict="breach", figure=figure, why="; ".join(broken))

    def _show_logs(self, on: Stage) -> None:
        for process in on.nexus.running.values():
            _say(f"--- log of {process.name}\n" + "\n".join(process.lines[-80:]))


def main() -> int:
    """Run what was asked for."""
    asked = _arguments()
    with contextlib.redirect_stderr(io.StringIO() if asked.quiet else sys.stderr):
        verdicts = run(asked.rows, seed=asked.seed) if asked.rows or not asked.mutate else []
        fates = [_tell(mutants.tried(one, seed=asked.seed)) for one in mutants.MUTANTS] if asked.mutate else []
    report = {"seed": asked.seed, "rows": [asdict(one) for one in verdicts], "mutants": [asdict(one) for one in fates]}
    if asked.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    elif verdicts:
        sys.stdout.write(_table(verdicts) + "\n")
    if fates and not asked.json:
        sys.stdout.write("\n".join(map(_told, fates)) + "\n")
    return 0 if all(one.verdict != "breach" for one in verdicts) and all(one.caught for one in fates) else 1


def run(numbers: list[int], *, seed: int) -> list[Verdict]:
    """Run these rows, or all; every row of the matrix has a verdict."""
    _say(f"seed {seed}; the same again: bin/nexus chaos --seed {seed}")
    verdicts = []
    with Runner(seed) as runner:
        for row in ROWS:
            if numbers and row.number not in numbers:
                why = row.why or "not asked for"
                verdicts.append(Verdict(row=row.number, injected=row.injected, verdict="not_run", why=why))
                continue
            began = time.monotonic()
            verdicts.append(runner.run(row))
            if row.act is not None:
                last = verdicts[-1]
                _say(f"{last.row:>3} {last.verdict} {time.monotonic() - began:5.1f} s  {last.figure} {last.why}")
    return verdicts


def _told(fate: mutants.Fate) -> str:
    return f"{'caught' if fate.caught else 'GOT THROUGH'}: {fate.mutant}, by row {fate.row}: {fate.why}"


def _tell(fate: mutants.Fate) -> mutants.Fate:
    _say(_told(fate))
    return fate


def _table(verdicts: list[Verdict]) -> str:
    lines = [("ROW", "INJECTED", "VERDICT", "FIGURE")]
    lines += [
        (str(one.row), one.injected, one.verdict, "; ".join(filter(None, (one.figure, one.why)))) for one in verdicts
    ]
    widths = [max(len(line[n]) for line in lines) for n in range(3)]
    counts = {verdict: sum(one.verdict == verdict for one in verdicts) for verdict in ("held", "breach", "not_run")}
    said = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[3]]) for line in lines
    ]
    return "\n".join([*said, "", ", ".join(f"{count} {verdict}" for verdict, count in counts.items())])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/nexus chaos", description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[], metavar="1,4,10", help="only these rows")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeats a run's random moments")
    parser.add_argument("--mutate", action="store_true", help="take guards out of a copy: a row must see each")
    parser.add_argument("--quiet", action="store_true", help="nothing on stderr while it runs")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

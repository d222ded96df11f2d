"""`bin/nexus chaos`: runs rows, random episodes, a soak or mutants, asks the oracle, prints tables; 1 on any breach."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import sys
import time
import traceback
from dataclasses import asdict
from typing import Any

from tests.chaos import mutants, oracle, table
from tests.chaos import soak as soaking
from tests.chaos.matrix import ROWS, Row
from tests.chaos.stage import CannotRun, Stage, stage
from tests.chaos.table import Episode, Verdict


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

    def run(self, row: Row, *, dice: str = "") -> Verdict:
        """Run one row and ask the oracle. `dice` are its own, where it is no row of the matrix."""
        if row.act is None:
            return Verdict(row=row.number, injected=row.injected, verdict="not_run", why=row.why)
        if self._stage is None:
            self._stage = self._open.enter_context(stage(self._seed))
        on = self._stage
        # A row breaks the same things at the same moments, whichever rows ran before it.
        on.dice.seed(dice or f"{self._seed}/{row.number}")
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
    rows = asked.rows or not (asked.mutate or asked.minutes or asked.orders)
    with contextlib.redirect_stderr(io.StringIO() if asked.quiet else sys.stderr):
        verdicts = run(asked.rows, seed=asked.seed) if rows else []
        episodes = live(asked.minutes, seed=asked.seed) if asked.minutes else []
        soaked = soak_through(asked.orders, seed=asked.seed) if asked.orders else None
        fates = [_tell(mutants.tried(one, seed=asked.seed)) for one in mutants.MUTANTS] if asked.mutate else []
    report: dict[str, Any] = {
        "seed": asked.seed,
        "rows": [asdict(one) for one in verdicts],
        "episodes": [asdict(one) for one in episodes],
        "soak": None if soaked is None else asdict(soaked),
        "mutants": [asdict(one) for one in fates],
    }
    if asked.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    else:
        parts = [table.of_rows(verdicts), table.of_episodes(episodes), table.of_soak(soaked), *map(_told, fates)]
        sys.stdout.write("\n".join(filter(None, parts)) + "\n")
    breached = any(one.verdict == "breach" for one in (*verdicts, *episodes))
    return 1 if breached or (soaked and not soaked.held) or any(not one.caught for one in fates) else 0


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


def live(minutes: float, *, seed: int) -> list[Episode]:
    """Episodes of random faults until the time is up: the first has this seed, the next the next."""
    until = time.monotonic() + 60 * minutes
    lived: list[Episode] = []
    with Runner(seed) as runner:
        while time.monotonic() < until:
            one = seed + len(lived)
            told = runner.run(Row(number=0, injected=f"episode {one}", act=soaking.episode), dice=str(one))
            lived.append(Episode(seed=one, verdict=told.verdict, figure=told.figure, why=told.why))
            _say(
                f"episode {one} {told.verdict}  {told.figure} {told.why}; "
                f"again: bin/nexus chaos --minutes 0.1 --seed {one}"
            )
    return lived


def soak_through(orders: int, *, seed: int) -> soaking.Report:
    """One soak, on a stage of its own."""
    _say(f"soak of {orders} orders, seed {seed}")
    with stage(seed) as on:
        return soaking.soak(on, orders)


def _told(fate: mutants.Fate) -> str:
    return f"{'caught' if fate.caught else 'GOT THROUGH'}: {fate.mutant}, by row {fate.row}: {fate.why}"


def _tell(fate: mutants.Fate) -> mutants.Fate:
    _say(_told(fate))
    return fate


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/nexus chaos", description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[], metavar="1,4,10", help="only these rows")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeats a run's random moments")
    parser.add_argument("--minutes", type=float, default=0, metavar="N", help="random episodes for so long")
    parser.add_argument("--orders", type=int, default=0, metavar="N", help="a soak of so many orders under faults")
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

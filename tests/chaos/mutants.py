"""The product with one guard taken out, in a copy of the checkout: the row that is named must turn red."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".nexus", "__pycache__", ".mypy_cache", ".ruff_cache", "staticfiles")


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of one file, and the row that must see it."""

    name: str
    path: str
    old: str
    new: str
    row: int


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What became of a mutant: caught, or it got through; `why` is what the row said."""

    mutant: str
    row: int
    caught: bool
    why: str


MUTANTS = (
    Mutant(
        name="settle does not look at the fence",
        path="nexus/tasks/sql/50_settle.sql",
        old="WHERE x.id = p_task AND x.state = 'running' AND x.fence = p_fence",
        new="WHERE x.id = p_task AND x.state = 'running'",
        row=4,
    ),
    Mutant(
        name="the ledger has no conflict clause",
        path="billing/sql/hot/20_charge.sql",
        old="ON CONFLICT (request_id, kind, n) DO NOTHING",
        new="",
        row=4,
    ),
    Mutant(
        name="the room in a budget is not asked for",
        path="billing/sql/hot/30_reserve.sql",
        old="b.limit_usd >= b.spent + b.reserved + p_amount",
        new="true",
        row=35,
    ),
    Mutant(
        name="doorbells are published before the COMMIT",
        path="nexus/dispatch/dispatcher.py",
        old="""\
    told = transitions.take_bells(free, most=dials().dispatch_batch, unless_at_work=unless_at_work) if free else {}
    if "at_work" in told:
        return None
    if not told:
        return 0
    rung = [one["id"] for one in told["due"]]
    graph, bells = graph_behind(told)
    laid = [(segment, _canvas(segment, bells)) for segment in compile_segments(graph, rung)]
    _record(one for one in laid if one[0].kind != "single")
    crash("K3")
    if publish([canvas for _, canvas in laid]):
        _record(one for one in laid if one[0].kind == "single")
    else:
        transitions.give_back_bells(rung)
""",
        new="""    from django.db import transaction
    with transaction.atomic():
        told = transitions.take_bells(free, most=dials().dispatch_batch, unless_at_work=unless_at_work) if free else {}
        if "at_work" in told:
            return None
        if not told:
            return 0
        rung = [one["id"] for one in told["due"]]
        graph, bells = graph_behind(told)
        laid = [(segment, _canvas(segment, bells)) for segment in compile_segments(graph, rung)]
        _record(one for one in laid if one[0].kind != "single")
        crash("K3")
        if publish([canvas for _, canvas in laid]):
            _record(one for one in laid if one[0].kind == "single")
        else:
            transitions.give_back_bells(rung)
""",
        row=13,
    ),
    Mutant(
        name="the SDK retries by itself",
        path="agents/providers/anthropic.py",
        old="max_retries=0",
        new="max_retries=2",
        row=31,
    ),
    Mutant(
        name="a lease is extended after it ran out",
        path="nexus/leases/renew.py",
        old="WHERE l.expires_at > clock_timestamp() ORDER BY",
        new="WHERE true ORDER BY",
        row=5,
    ),
    Mutant(
        name="an act that may have happened is done again",
        path="nexus/effects/perform.py",
        old="        row = ledger.doubt(context, row)  #",
        new="        mine = True  #",
        row=49,
    ),
)


def tried(mutant: Mutant, *, seed: int) -> Fate:
    """Run the mutant's row on a mutated copy."""
    with tempfile.TemporaryDirectory(prefix="nexus-mutant-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "nexus"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        mutated = copy / mutant.path
        text = mutated.read_text(encoding="utf-8")
        assert text.count(mutant.old) == 1, (
            f"{mutant.path} has changed: {mutant.old!r} is there {text.count(mutant.old)} x"
        )
        mutated.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "tests.chaos", "--rows", str(mutant.row), "--seed", str(seed), "--json", "--quiet"],
            cwd=copy, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.stdout, done.stderr
    row = next(one for one in json.loads(done.stdout)["rows"] if one["row"] == mutant.row)
    return Fate(mutant=mutant.name, row=mutant.row, caught=row["verdict"] == "breach", why=row["why"] or row["figure"])

"""Nexus and a peer with so many orders in flight: throughput, or latency where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from . import contestants
from .contestants import Entry
from .duels import Arena
from .figures import Round, ratio, summary
from .ground import Ground
from .measured import Asked, Measured

PEERS: dict[str, Callable[[Ground], Entry]] = {
    "celery_prefork": lambda on: contestants.celery(on, pool="prefork"),
    "celery_solo": lambda on: contestants.celery(on, pool="solo"),
}
LOADS = {"celery_prefork": (1, 100, 2000), "celery_solo": (100,)}
"""Peers, and the orders in flight that each is measured with."""


def _duel(arena: Arena, asked: Asked, name: str) -> Measured:
    peer, _, in_flight = name.rpartition("_")
    ours, theirs = contestants.nexus(arena.ground, pool=asked.nexus_pool), PEERS[peer](arena.ground)
    found = arena.duel(ours, theirs, in_flight=int(in_flight), rounds=asked.rounds)
    by = "latency" if in_flight == "1" else "throughput"
    middle, lowest, highest = ratio(*found, by=by, quickest=arena.quickest)
    detail: dict[str, Any] = {
        "by": by, "in_flight": int(in_flight), "ratio": middle, "lowest": lowest, "highest": highest,
    }  # fmt: skip
    for entry, rounds in zip((ours, theirs), found, strict=True):
        detail[entry.name] = _told(arena, entry, rounds, count=in_flight == "100")
    return Measured(ratios={name: middle}, detail=detail)


def _told(arena: Arena, entry: Entry, rounds: list[Round], *, count: bool) -> dict[str, Any]:
    told = asdict(summary(rounds, quickest=arena.quickest))
    if count:
        told["statements"] = arena.statements(arena.enter(entry))
    return told


MEASUREMENTS = {f"{peer}_{load}": _duel for peer, loads in LOADS.items() for load in loads}

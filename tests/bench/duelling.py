"""Nexus and a peer with so many orders in flight: throughput, or latency where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from . import contestants, peers
from .contestants import Broke, Entry
from .duels import Arena, say
from .figures import Round, ratio, summary
from .ground import Ground
from .measured import Asked, Measured, NotRun

PEERS: dict[str, list[Callable[[Ground], Entry]]] = {
    "celery_prefork": [partial(peers.celery, pool="prefork")],
    "celery_solo": [partial(peers.celery, pool="solo")],
    "dbos": [
        partial(peers.dbos, way=way, shape=shape) for way in ("direct", "queue") for shape in ("sequential", "parallel")
    ],
    "procrastinate": [peers.procrastinate],
    "prefect": [peers.prefect],
}
"""The ways to run each; the best of them is measured."""
LOADS = {
    "celery_prefork": (100, 1, 2000),
    "celery_solo": (100,),
    "dbos": (1, 100),
    "procrastinate": (100,),
    "prefect": (100,),
}
"""Peers, and the orders in flight that each is measured with."""
MAY_BE_MISSING = {"prefect"}
"""Measured where they can be installed and started; else the run says why."""
MOST_ROUNDS = {"prefect": 2}
"""Its rounds take more than a minute each, and what it does in one is two orders of magnitude away."""
ALONE = 2
"""Times as many rounds where orders are filed one at a time: a round of those varies twice as much as any other."""
TRY_FOR = 2.0


def _duel(arena: Arena, asked: Asked, name: str) -> Measured:
    peer, _, in_flight = name.rpartition("_")
    ours, theirs = contestants.nexus(arena.ground, pool=asked.nexus_pool), _best(arena, peer, in_flight=int(in_flight))
    arena.enter(ours)
    try:
        rounds = min(asked.rounds, MOST_ROUNDS.get(peer, asked.rounds)) * (ALONE if in_flight == "1" else 1)
        found = arena.duel(ours, theirs, in_flight=int(in_flight), rounds=rounds)
    except Broke as error:
        if may_be_missing(error, peer=peer, theirs=theirs):
            raise NotRun(str(error)) from error
        raise
    by = "latency" if in_flight == "1" else "throughput"
    middle, lowest, highest = ratio(*found, by=by, quickest=arena.quickest)
    detail: dict[str, Any] = {
        "by": by, "in_flight": int(in_flight), "ratio": middle, "lowest": lowest, "highest": highest,
    }  # fmt: skip
    for entry, rounds in zip((ours, theirs), found, strict=True):
        detail[entry.name] = _told(arena, entry, rounds, count=in_flight == "100")
    return Measured(ratios={name: middle}, detail=detail)


def may_be_missing(error: Broke, *, peer: str, theirs: Entry) -> bool:
    """Whether the run goes on without that peer: it may be missing, and it is the one that broke."""
    return peer in MAY_BE_MISSING and error.who == theirs.name


def _best(arena: Arena, peer: str, *, in_flight: int) -> Entry:
    """The way that is quickest in a short try of each; the others leave."""
    ways = [way(arena.ground) for way in PEERS[peer]]
    if len(ways) == 1:
        return ways[0]
    tried = {}
    for entry in ways:
        found = arena.round(arena.enter(entry), in_flight=in_flight, seconds=TRY_FOR)
        say(f"  tried {entry.name}: {found.orders_per_s:.1f} orders/s, p50 {found.p50_ms:.1f} ms")
        tried[entry.name] = found.p50_ms if in_flight == 1 else -found.orders_per_s
    best = min(ways, key=lambda entry: tried[entry.name])
    for entry in ways:
        if entry is not best:
            arena.leave(entry.name)
    return best


def _told(arena: Arena, entry: Entry, rounds: list[Round], *, count: bool) -> dict[str, Any]:
    told = asdict(summary(rounds, quickest=arena.quickest))
    if count:
        told["statements"] = arena.statements(arena.enter(entry))
    return told


MEASUREMENTS = {f"{peer}_{load}": _duel for peer, loads in LOADS.items() for load in loads}

"""`demo`: every scene, one after the other; what each did, what it cost, where to look."""

from __future__ import annotations

import argparse
import contextlib
import time
from dataclasses import dataclass
from decimal import Decimal

from apps.terminal import background, place
from apps.terminal.client import Client
from apps.terminal.console import Console, duration
from apps.terminal.exits import FAILED, OK, USAGE, TerminalError
from apps.terminal.place import Address

from .scenes import SCENES, Scene
from .stage import Stage, Told


@dataclass(frozen=True)
class Played:
    """A scene afterwards."""

    scene: Scene
    seconds: float
    told: Told
    why: str = ""


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Play what was asked for, or everything; 0 only when each reached its end."""
    chosen = _chosen(arguments.scenes)
    with contextlib.ExitStack() as held:
        stage = _stage(held, console)
        played = [_play(scene, stage) for scene in chosen]
    if arguments.json:
        console.json(_as_json(played))
    else:
        console.data("\n\n".join(_lines(one) for one in played))
        console.data(f"\n{_ended(played)} of {len(played)} reached their end, for ${_cost(played)}")
    return OK if played and _ended(played) == len(played) else FAILED


def _chosen(names: list[str]) -> list[Scene]:
    known = {scene.name: scene for scene in SCENES}
    if unknown := [name for name in names if name not in known]:
        raise TerminalError(f"no scene is called {unknown[0]}", code=USAGE, hint="There are: " + ", ".join(known))
    return [known[name] for name in names] or list(SCENES)


def _stage(held: contextlib.ExitStack, console: Console) -> Stage:
    if place.environ().get("NEXUS_URL"):
        address = place.address()
        return Stage(Client(address), console, {"web_url": address.url})
    found = held.enter_context(background.stack(place.home(), console=console))
    addresses = {name: str(value) for name, value in found.addresses.items()}
    return Stage(Client(Address(addresses["web_url"], addresses["api_key"])), console, addresses)


def _play(scene: Scene, stage: Stage) -> Played:
    stage.console.say(scene.title)
    began = time.monotonic()
    try:
        told, why = scene.play(stage), ""
    except TerminalError as error:
        told, why = Told(did=(), cost_usd=Decimal(0), ended=False), str(error)
    return Played(scene, time.monotonic() - began, told, why)


def _lines(one: Played) -> str:
    head = (
        f"{'done' if one.told.ended else 'NOT DONE'}  {one.scene.title}  {duration(one.seconds)}  ${one.told.cost_usd}"
    )
    why = [f"  {one.why}"] if one.why else []
    return "\n".join([head, *(f"  {line}" for line in one.told.did), *why, *(f"  look: {at}" for at in one.told.look)])


def _as_json(played: list[Played]) -> dict[str, object]:
    return {
        "scenes": [
            {
                "name": one.scene.name,
                "title": one.scene.title,
                "ended": one.told.ended,
                "seconds": round(one.seconds, 1),
                "cost_usd": str(one.told.cost_usd),
                "did": list(one.told.did),
                "look": list(one.told.look),
                "why": one.why,
            }
            for one in played
        ],
        "cost_usd": str(_cost(played)),
    }


def _ended(played: list[Played]) -> int:
    return sum(one.told.ended for one in played)


def _cost(played: list[Played]) -> Decimal:
    return sum((one.told.cost_usd for one in played), Decimal(0))

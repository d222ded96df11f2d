"""`up`: everything in the foreground, until Ctrl-C."""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Mapping

from apps.terminal import place
from apps.terminal.console import Console, table
from apps.terminal.exits import OK, UNAVAILABLE, TerminalError
from nexus.embedded import preflight, stack
from nexus.embedded.home import Home
from nexus.embedded.locks import only_supervisor
from nexus.embedded.supervisor import Supervisor

_COLOURS = ("green", "yellow", "blue", "cyan", "bold")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Start everything, stay, stop everything."""
    checks = preflight.machine(place.home_path(), environ=place.environ())
    if bad := [check for check in checks if not check.ok]:
        raise TerminalError("\n".join(f"{check.name}: {check.detail}. {check.fix}" for check in bad), code=UNAVAILABLE)
    home = place.home()
    with only_supervisor(home):
        console.say("starting servers ...")
        drawn = stack.draw_up(home, root=place.ROOT, environ=place.environ(), without=frozenset(arguments.without))
        Supervisor(
            home=home,
            stages=drawn.stages,
            addresses=drawn.addresses,
            echo=lambda name, line: _tell(console, name, line),
            on_ready=lambda: _welcome(console, home, drawn, as_json=arguments.json),
            while_used=arguments.while_used,
        ).run()
    console.say("everything has stopped; the data stays")
    return OK


def _tell(console: Console, name: str, line: str) -> None:
    colour = _COLOURS[zlib.crc32(name.encode()) % len(_COLOURS)]
    console.say(f"{console.paint(f'{name:<13}', colour)} {console.paint('|', 'dim')} {line}")


def _welcome(console: Console, home: Home, drawn: stack.Stack, *, as_json: bool) -> None:
    if as_json:
        console.json({"home": str(home.path), **drawn.addresses})
    else:
        console.say("\n" + table(rows(home, drawn.addresses, drawn.env)) + "\n")


def rows(home: Home, addresses: Mapping[str, str | None], env: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return what a person needs to know once everything runs."""
    key = addresses["api_key"] or ""
    models = "sandbox: no model is asked; set ANTHROPIC_API_KEY for real ones"
    return [
        ("  API", f"{addresses['web_url']}/api/v2", f"documented at {addresses['web_url']}/api/docs"),
        ("  Admin", str(addresses["admin_url"]), f"user {env['NEXUS_INIT_ADMIN_USER']}, password in {home.path}/env"),
        ("  Flower", (addresses["flower_url"] or "not running").replace(_secret_of(addresses), ""), "read only"),
        ("  API key", f"{key[:16]}…", "bin/nexus status --json shows it whole"),
        ("  Models", addresses["sandbox_url"] or "Anthropic", models if addresses["sandbox_url"] else "your key"),
        ("  Home", str(home.path), "data, secrets and logs"),
        ("", 'bin/nexus run "…" in another terminal files an order; Ctrl-C here stops everything', ""),
    ]


def _secret_of(addresses: Mapping[str, str | None]) -> str:
    """Return `user:password@` of Flower's address: a table may be photographed."""
    whole = addresses["flower_url"] or ""
    return whole.partition("://")[2].partition("@")[0] + "@" if "@" in whole else "\0"

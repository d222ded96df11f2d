"""Which clone, which home, and which installation a command talks to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nexus.embedded import state
from nexus.embedded.home import Home

from .exits import UNAVAILABLE, TerminalError

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Address:
    """Where the API is, and the key to it."""

    url: str
    key: str


def environ() -> Mapping[str, str]:
    """Return the environment that the command was called with."""
    return os.environ


def home_path() -> Path:
    """Return where the home is or would be; nothing is made."""
    named = environ().get("NEXUS_HOME")
    return Path(named).expanduser().absolute() if named else ROOT / ".nexus"


def home() -> Home:
    """Return the home, made when it is missing."""
    try:
        return Home.open(home_path())
    except OSError as error:
        raise TerminalError(
            f"{home_path()} cannot be used as home: {error.strerror}", hint="Set NEXUS_HOME to a folder of yours"
        ) from error


def running() -> state.State | None:
    """Return what runs on this home, or None."""
    if not home_path().exists():
        return None
    found = state.read(Home(home_path()))
    return found if found is not None and found.is_alive else None


def address() -> Address:
    """Return the installation that a client command means: a named one, or the one that runs here."""
    env = environ()
    found = running()
    if url := env.get("NEXUS_URL"):
        key = env.get("NEXUS_API_KEY") or Home(home_path()).env().get("NEXUS_INIT_API_KEY", "")
        return Address(url.rstrip("/"), key)
    if found is None or not found.addresses.get("web_url"):
        raise TerminalError(
            f"Nexus does not run on {home_path()}.",
            code=UNAVAILABLE,
            hint="Start it with `bin/nexus up`, or name another installation with NEXUS_URL and NEXUS_API_KEY",
        )
    return Address(str(found.addresses["web_url"]), env.get("NEXUS_API_KEY") or str(found.addresses["api_key"]))

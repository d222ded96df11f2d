"""Somebody with a project, and one of everything that a path may name: what tests of access make for each door."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Furnished:
    """A key, and what it may open."""

    key: str
    known: Mapping[str, Mapping[str, str]]
    """Path, as OpenAPI has it -> the parts of one that exists."""


def furnish() -> Furnished:
    """Make them; whoever owns the key owns all of it. Django has to be set up: who only asks has none."""
    from tests.support.doors import PART, table
    from tests.support.people import a_cast

    cast = a_cast()
    known = {
        "/" + PART.sub(r"{\2}", path): {name: str(value) for name, value in door.of(cast).items()}
        for path, door in sorted(table().items()) if door.of is not None
    }  # fmt: skip
    known |= {"/api/v2/tools/{name}": {"name": "read_file"}, "/v1/models/{name}": {"name": "nexus/auto"}}
    return Furnished(cast.alice.token, known)


def tell() -> None:
    """For another process: what was made, as the last line."""
    from django.test import override_settings

    with override_settings(ALLOWED_HOSTS=["*"]):  # Django's own client asks a host of its own
        made = furnish()
    sys.stdout.write(json.dumps({"key": made.key, "known": made.known}) + "\n")

"""Every door of the product: how each URL and each socket is tried by those who may not come in.

A door is a row: the path as the resolver has it, and who may open it. A URL without a row fails
tests/integration/test_api_access.py, and so does a row without a URL. Each application keeps its rows in a file of
its own beside this one, as `DOORS = {path: row}`; `table` reads them all. Beside them are sockets.py, admin.py for the
Board's pages, and exports.py for files and streams, each with a test that wants a row for whatever there is.

    "api/v2/shelves": lists(says={"name": "x", "project": "acme"}),      a list of mine, and a POST that names a project
    "api/v2/shelves/<int:shelf_id>": own(a_shelf, says={"name": "y"}),   something of a project: 404 for all others
    "api/v2/colours": shared(),                                          the same for every member of anything
    "api/v2/switches": board(says={"on": True}),                         403 for whoever is not the Board
    "api/telegram/webhook": guarded(),                                   has a proof of its own: else 401, 403, 404
    "healthz": public(),                                                 asks nobody

`a_shelf(cast)` makes one of Alice's, with SECRET somewhere in it, and returns the parts of its URL. `says` is a body
in which everything is right: only then is the answer about who asks. Functions that are no views of DRF name their
`methods`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from django.urls import URLPattern, get_resolver

from tests.support.people import Cast

SECRET = "quagga-7f3a"
"""Stands in everything that Alice makes; nobody else may ever read it."""
SOME = "00000000-0000-4000-8000-000000000000"
NOBODYS = {
    "order": "WO-20200101-0001",
    "session": f"sess-{SOME}",
    "attachment": f"att-{SOME}",
    "key": "nobodys",
    "user": "nobodys",
    "schedule": f"sched-{SOME}",
    "inlet": f"inlet-{SOME}",
    "hook": f"hook-{SOME}",
    "message": "msg_" + "0" * 32,
    "uuid": SOME,
    "int": "999999999",
    "slug": "nobodys",
    "str": "nobodys",
    "path": "nobodys",
    "build": "proj-" + "0" * 26,
    "agent": "agent-" + "0" * 26,
    "task": "task-" + "0" * 26,
    "tool": "nobodys_tool",
    "budget": "role",
    "scope": "nobodys",
    "fingerprint": "0" * 64,
    "definition": "nobodys",
    "film": "nobodys",
    "film_event": "nobodys",
    "film_file": "nobodys.png",
    "mapping": "999999999",
}
"""By the name or the converter of a part of a URL: the id of something that does not exist. Yours needs one."""
PART = re.compile(r"<(?:(\w+):)?(\w+)>")
BODIES = ("post", "put", "patch", "delete")

Maker = Callable[[Cast], Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Door:
    """Who may open a URL, and with what it is tried."""

    to: Literal["anybody", "members", "owners_project", "everybody_known", "board", "guarded"]
    of: Maker | None = None
    says: Mapping[str, Any] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    query: str = ""
    own: bool = False
    """What is said without a project is done in the caller's own."""
    committed: bool = False
    """What `of` makes is read by other threads, or made by a worker."""
    accept: str = "application/json"
    path: str = ""
    """Filled in."""


def public() -> Door:
    """It asks nobody who they are."""
    return Door(to="anybody")


def lists(*, says: Mapping[str, Any] | None = None, own: bool = False, **more: Any) -> Door:
    """What the caller may see. `says` names Alice's project, `acme`, or the caller's (`own`)."""
    return Door(to="members", says=says or {}, own=own, **more)


def own(of: Maker, *, says: Mapping[str, Any] | None = None, **more: Any) -> Door:
    """Something of one project: for everybody else it does not exist."""
    return Door(to="owners_project", of=of, says=says or {}, **more)


def shared(*, says: Mapping[str, Any] | None = None, **more: Any) -> Door:
    """The same for everybody with a key."""
    return Door(to="everybody_known", says=says or {}, **more)


def board(*, says: Mapping[str, Any] | None = None, **more: Any) -> Door:
    """For users with a permission of the Board."""
    return Door(to="board", says=says or {}, **more)


def guarded(*, says: Mapping[str, Any] | None = None, **more: Any) -> Door:
    """Whoever comes must prove it by other means than a key."""
    return Door(to="guarded", says=says or {}, **more)


def table() -> dict[str, Door]:
    """Every row of every file, by path."""
    from . import builder, core, gateway, studio, telegram, webhooks, workflows

    found: dict[str, Door] = {}
    for module in (core, builder, gateway, studio, telegram, webhooks, workflows):
        rows: Mapping[str, Door] = module.DOORS
        twice = sorted(found.keys() & rows)
        assert not twice, f"{module.__name__} has rows that another file has: {twice}"
        found |= {path: replace(door, path=path) for path, door in rows.items()}
    return found


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL of the resolver but the admin's, which have a test of their own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern
        elif not path.startswith("admin/"):
            yield from routes(pattern.url_patterns, path)


def methods_of(path: str, door: Door) -> list[str]:
    """What may be asked there, of every view that the resolver has for it; what takes it away comes last."""
    found = set(door.methods)
    for one, route in routes():
        view = getattr(route.callback, "cls", None) or getattr(route.callback, "view_class", None)
        if one == path and view is not None:
            found |= {name for name in view.http_method_names if name != "options" and hasattr(view, name)}
    # What is deleted may be gone: that is asked last.
    return sorted(found - {"head", "options"}, key=lambda name: (name == "delete", name)) or ["get"]


def filled(path: str, parts: Mapping[str, object]) -> str:
    """The URL with these parts, and nobody's where a part is not among them."""

    def part(found: re.Match[str]) -> str:
        kind, name = found[1] or "str", found[2]
        return str(parts[name] if name in parts else NOBODYS.get(name) or NOBODYS[kind])

    return "/" + PART.sub(part, path)


def ask(client: Any, door: Door, method: str, parts: Mapping[str, object], **headers: str) -> Any:
    """One request at a door."""
    body: dict[str, Any] = {}
    if method in BODIES and method != "delete":
        body = {"data": json.dumps(door.says).encode(), "content_type": "application/json"}
    url = filled(door.path, parts) + (f"?{door.query}" if door.query and method == "get" else "")
    return getattr(client, method)(url, headers={"Accept": door.accept, **headers}, **body)

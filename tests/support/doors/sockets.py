"""The sockets: every route, and everything that a client may send on it, with a frame in which all is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.people import Cast

from . import NOBODYS, Maker
from .core import an_order


@dataclass(frozen=True, kw_only=True)
class Socket:
    """How a route is tried by those who may not come in."""

    path: str
    of: Maker
    says: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By the type of a frame."""
    nobodys: Mapping[str, str] = field(default_factory=dict)

    def theirs(self, cast: Cast) -> str:
        """The path of something of Alice's."""
        return self.path.format(**self.of(cast))

    @property
    def nothing(self) -> str:
        """The path of something that does not exist."""
        return self.path.format(**self.nobodys)


SOCKETS = {
    r"^ws/work-orders/(?P<public_id>WO-[0-9]{8}-[0-9]{4,12})/$": Socket(
        path="ws/work-orders/{public_id}/?after=0", of=an_order, nobodys={"public_id": NOBODYS["order"]},
        says={"ping": {"type": "ping"}, "resume": {"type": "resume", "after": 0}},
    ),
    "": Socket(path="ws/elsewhere/", of=an_order),
}  # fmt: skip

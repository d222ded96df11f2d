"""The audit log: who did what, through which door, to what, and what came of it. Rows are added and stay.

    catalog.py    every action, how it is judged, and what it is called
    models.py     AuditEntry
    querysets.py  what can be asked
    recording.py  write what no table tells by itself: what was refused, what was done outside of the engine
    reading.py    the newest, for a phone; and an entry on the wire
    sql/          how the tables that are the truth write here by themselves

Promises
    An entry is written in the transaction of its act: there is none without an act, and no act without one.
    The database writes it, not the caller: whichever door an act comes through, none can forget it.
    No entry is changed and none is removed; the database refuses both.

    from workorders import audit

    audit.recent(10)                        # the newest ten of the whole installation, newest first
    audit.recent(10, project="shop")        # of one project, by slug
    audit.recent(10, order="WO-20260217-0001")
    audit.record(action="telegram.linked", actor="ann", channel="telegram")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reading import recent, said, wire
    from .recording import record

__all__ = ["recent", "record", "said", "wire"]


def __getattr__(name: str) -> object:
    """Open the doors when they are first used: the models below belong to an application that is still loading."""
    if name == "record":
        from .recording import record

        return record
    if name in __all__:
        from . import reading

        return getattr(reading, name)
    raise AttributeError(name)

"""Machine work: what is done by code alone, for nothing, because a request orders exactly that.

    ordering.py   is it ordered, and who has to agree
    health.py     health_check: what doctor asks, as far as a worker can see it
    logs.py       log_rotate: the logs in NEXUS_HOME, packed and begun anew
    backup.py     backup: a dump of the database in NEXUS_HOME, with its checksum
    cost.py       cost_report: what the order's project spent
    reporting.py  findings -> a page, in the language of the request (pure)

A request is an order for a machine only when it says nothing else: "memory leak" and "token usage" are about something
else, and so is a health check endpoint. Backups and logs are the whole installation's: who is not of the Board has the
Board asked first.
"""

from __future__ import annotations

from .ordering import asked_for, task_of

__all__ = ["asked_for", "task_of"]

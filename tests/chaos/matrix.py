"""Every row: its number, what is injected, and what does it, or why nothing does here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.rows import (
    asking,
    backups,
    broker,
    database,
    effects,
    links,
    load,
    machine,
    models,
    people,
    rubbish,
    webhooks,
    workers,
)  # fmt: skip
from tests.chaos.stage import Stage

Act = Callable[[Stage], str]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row. `act` returns its figure; `why` says why there is none."""

    number: int
    injected: str
    act: Act | None = None
    why: str = ""


FAIR = "the product has no such part yet: order inside a queue is priority, then age, whoever filed it"


def _row(number: int, injected: str, how: Act | str) -> Row:
    return Row(number=number, injected=injected, **({"why": how} if isinstance(how, str) else {"act": how}))


ROWS = (
    _row(1, "kill -9 of the process at each crash point", workers.killed_at_every_point),
    _row(2, "kill -9 of a pool child in the middle of a model call", workers.child_killed),
    _row(3, "a pool child is killed for its memory", machine.out_of_memory),
    _row(4, "a pool child sleeps past its lease and wakes up", workers.child_stopped),
    _row(5, "a whole worker sleeps past its leases and wakes up", workers.worker_stopped),
    _row(6, "SIGTERM with tasks running, once and five times", workers.asked_to_end),
    _row(7, "SIGQUIT in the middle of a settle's COMMIT", workers.ended_in_commit),
    _row(8, "the broker restarts, with its append-only file", broker.restarted),
    _row(9, "the broker is killed and has kept nothing", broker.lost),
    _row(10, "FLUSHALL at random moments, chains and chords under way", broker.flushed),
    _row(11, "only unacked, result and binding keys are deleted", broker.keys_deleted),
    _row(12, "the broker has no memory left", broker.full),
    _row(13, "the broker hangs", broker.asleep),
    _row(14, "half-open connections to the broker", links.half_open),
    _row(15, "every connection to the broker is cut, once a second", broker.reset),
    _row(16, "failover to a replica of the broker", links.failed_over),
    _row(17, "every doorbell is rung five times", broker.rung_five_times),
    _row(18, "children and joins are rung before their parents", broker.rung_backwards),
    _row(19, "doorbells are lost after they were marked as rung", broker.swallowed),
    _row(20, "Postgres crashes again and again under load", database.crashed),
    _row(21, "sessions of Postgres are terminated at random", database.sessions_cut),
    _row(22, "Postgres only reads", database.read_only),
    _row(23, "somebody locks the runs' rows for two leases", database.rows_locked),
    _row(24, "partition between a worker and Postgres", links.no_database),
    _row(25, "partition between a worker and the broker", links.no_broker),
    _row(26, "latency and loss to both servers", links.latency),
    _row(27, "the clock of one worker jumps", machine.clocks),
    _row(28, "disk full", machine.disk_full),
    _row(29, "the model thinks for three leases", asking.slow),
    _row(30, "the provider answers 429, 529, 503, 500", asking.refused),
    _row(31, "the answer is lost after the provider wrote it down", asking.cut_off),
    _row(32, "streams cut, usage missing, zero or absurd", models.broken_streams),
    _row(33, "answers that are malformed, empty or huge", models.broken_answers),
    _row(34, "the provider is down, and a hundred tasks want to ask", models.provider_away),
    _row(35, "fifty tasks at once, money for ten", asking.race_for_budget),
    _row(36, "a budget is lowered below what is reserved", models.budget_lowered),
    _row(37, "twenty decide one approval", people.decided_at_once),
    _row(38, "one order is filed fifty times", asking.filed_twice),
    _row(39, "cancelled at every stage, in a race with its settles", asking.cancelled),
    _row(40, "rubbish in a queue", rubbish.poisoned),
    _row(41, "outputs of many megabytes", load.megabytes),
    _row(42, "a thousand orders at once, and one of nine hundred tasks", load.burst),
    _row(43, "one tenant floods, another files one order", FAIR),
    _row(44, "no dispatcher, then three", workers.dispatchers),
    _row(45, "old and new workers side by side", "there is one version so far"),
    _row(46, "live feeds that break", people.feeds_broken),
    _row(47, "receivers of webhooks that misbehave", webhooks.misbehaving),
    _row(48, "a backup of an earlier moment is restored", backups.restored),
    _row(49, "kill -9 of a worker in the middle of a payment", effects.killed_while_paying),
)

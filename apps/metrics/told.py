"""Rows -> samples. Three statements a scrape: what moves is counted now, the rest was counted by the dispatcher."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from nexus import engine

from .counting import TURN
from .models import Figure

log = logging.getLogger("nexus.metrics")
Rows = Iterable[tuple[list[str], float]]
KEPT = {
    "tasks": ("nexus_tasks", "Tasks by state.", "state"),
    "runs": ("nexus_runs", "Runs by state.", "state"),
    "dead_letters": ("nexus_dead_letters", "Dead letters that wait for a person.", ""),
    "ledger": ("nexus_ledger_cost_usd", "What the ledger adds up to: total, today.", "span"),
    "invariants": ("nexus_invariant_violations", "Rows that break what must always hold; must be 0.", "name"),
}
"""Families of figures: name, meaning, label."""


class Told(Collector):
    """What the database says, as samples; nexus_database_up is 0 where it says nothing."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask, once per scrape."""
        try:
            found = [*_moving(), *_dispatcher(), *_kept()]
        except (DatabaseError, InterfaceError) as error:
            log.warning("not told: %s", str(error).partition("\n")[0])
            found, answers = [], 0
        else:
            answers = 1
        yield GaugeMetricFamily("nexus_database_up", "Does Postgres answer this process?", value=answers)
        yield from found


def _moving() -> Iterator[GaugeMetricFamily]:
    queues = engine.depths()
    yield _family(
        "nexus_queue_tasks", "Tasks of moving runs by queue and state.", ["queue", "state"],
        (([one.queue, state], n) for one in queues for state, n in one.tasks.items()),
    )  # fmt: skip
    yield _family(
        "nexus_queue_oldest_ready_seconds", "How long the oldest READY task waits; 0 where none does.", ["queue"],
        (([one.queue], one.oldest_ready) for one in queues),
    )  # fmt: skip


def _dispatcher() -> Iterator[GaugeMetricFamily]:
    seen = engine.dispatcher_seen_at()
    age = float("inf") if seen is None else max(0.0, (timezone.now() - seen).total_seconds())
    yield GaugeMetricFamily(
        "nexus_dispatcher_seen_seconds", "Since the last sign of life of any dispatcher; +Inf: never.", value=age
    )


def _kept() -> Iterator[GaugeMetricFamily]:
    rows: dict[str, list[tuple[str, Figure]]] = {family: [] for family in KEPT}
    for figure in Figure.objects.exclude(name=TURN).order_by("name"):
        family, _, name = figure.name.partition(".")
        if family in rows:
            rows[family].append((name, figure))
    for family, (called, meaning, label) in KEPT.items():
        labels = [label] if label else []
        samples = (([name] if label else [], float(one.value)) for name, one in rows[family])
        yield _family(called, meaning, labels, samples)
    ages = (
        ([family], max((timezone.now() - one.counted_at).total_seconds() for _, one in found))
        for family, found in rows.items()
        if found
    )
    yield _family("nexus_figures_age_seconds", "How old the oldest figure of a family is.", ["family"], ages)


def _family(name: str, meaning: str, labels: list[str], samples: Rows) -> Any:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family

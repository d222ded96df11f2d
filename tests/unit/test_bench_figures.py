"""The bench: medians of calm rounds, ratios of neighbours, and what is made of them."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

from tests.architecture import tree
from tests.bench import contestants, duelling, duels, figures, plot, table
from tests.bench.__main__ import MEASUREMENTS
from tests.bench.calibration import Busy, foreign
from tests.bench.clients import driving
from tests.bench.contestants import Broke, Contestant, Entry, pools, with_pool

RATIOS = (
    "celery_prefork_1", "celery_prefork_100", "celery_prefork_2000", "celery_solo_100", "dbos_1", "dbos_100",
    "procrastinate_100", "prefect_100", "intake_fastapi", "feed_deliveries_100", "feed_p50_ms",
)  # fmt: skip


def a_round(speed, *, p50=10.0, calibration=0.1, others=0.0):
    return figures.Round(
        orders_per_s=speed, p50_ms=p50, p99_ms=2 * p50, in_flight=100, cpu_ms=5.0, commits=7.0, memory_mib=100.0,
        calibration_s=calibration, foreign=others,
    )  # fmt: skip


def a_report(**ratios):
    return {
        "ratios": ratios,
        "measures": {key: {"ratio": value, "lowest": value / 2, "highest": value * 2} for key, value in ratios.items()},
        "not_run": {"prefect_100": "no <wheel> & no network"}, "failures": {},
        "machine": {"cores": 2, "processor": "A <fast> one"}, "settings": {"rounds": 5},
    }  # fmt: skip


def test_a_ratio_is_of_neighbouring_rounds():
    # The machine was half as fast in the second minute, for both: that is no news.
    assert figures.ratio([a_round(200), a_round(100)], [a_round(100), a_round(50)], by="throughput", quickest=0.1) == (
        2,
        2,
        2,
    )


def test_a_ratio_of_latencies_is_above_one_when_ours_is_shorter():
    ours, theirs = [a_round(1, p50=10.0)] * 3, [a_round(1, p50=15.0)] * 3
    assert figures.ratio(ours, theirs, by="latency", quickest=0.1) == (1.5, 1.5, 1.5)


@pytest.mark.parametrize("how", [{"calibration": 0.2}, {"others": 0.5}], ids=["slow", "shared"])
def test_rounds_on_a_disturbed_machine_are_left_out_while_enough_remain(how):
    ours = [a_round(100), a_round(900, **how), a_round(100)]
    theirs = [a_round(50), a_round(50), a_round(50)]
    assert figures.ratio(ours, theirs, by="throughput", quickest=0.1) == (2, 2, 2)
    assert figures.summary(ours, quickest=0.1).disturbed == 1
    assert figures.summary(ours, quickest=0.1).highest == 100


def test_where_all_were_disturbed_all_are_told_and_the_count_says_so():
    rounds = [a_round(100, others=0.5), a_round(300, others=0.5)]
    found = figures.summary(rounds, quickest=0.1)
    assert (found.orders_per_s, found.disturbed) == (200, 2)


def test_a_ratio_without_a_figure_is_refused():
    with pytest.raises(ValueError, match="no round"):
        figures.ratio([a_round(1)], [a_round(0)], by="throughput", quickest=0.1)


def test_what_others_used_is_what_neither_we_nor_idleness_did():
    cores = os.cpu_count()
    before, after = Busy(all_of_it=0.0, at=0.0), Busy(all_of_it=1.0 * cores, at=2.0)
    assert foreign(before, after, ours=0.0) == pytest.approx(0.5)
    assert foreign(before, after, ours=1.0 * cores) == 0.0


def test_pools_are_written_as_kind_size_and_processes():
    assert pools("threads:4x2,prefork:2") == [("threads", "4"), ("threads", "4"), ("prefork", "2")]
    assert pools("") == []
    words = ("celery", "-n", "agents@%h", "-P", "threads", "-c", "16")
    assert with_pool(words, 1, ("solo", "1")) == ("celery", "-n", "agents1@%h", "-P", "solo", "-c", "1")


class Instant:
    """A contestant whose orders end one look after they were filed."""

    def __init__(self):
        self.filed, self.most = 0, 0

    def file(self):
        self.filed += 1
        return self.filed

    def finished(self, open_ones, wait):
        self.most = max(self.most, len(open_ones))
        return list(open_ones)[:7]


def test_a_load_never_has_more_in_flight_than_was_asked_and_counts_every_order():
    client = Instant()
    found = driving.load(client, in_flight=30, seconds=0.05)
    assert client.most == 30
    assert found["filed"] == client.filed >= 45
    assert found["latencies_ms"]["p50"] <= found["latencies_ms"]["p99"] <= found["latencies_ms"]["max"]


def test_what_was_filed_before_is_in_flight_from_the_beginning_and_counts():
    client = Instant()
    waiting = [client.file() for _ in range(30)]
    found = driving.load(client, in_flight=30, seconds=0.05, filed_before=waiting)
    assert found["filed"] == client.filed >= 45
    assert (client.most, found["in_flight"]) == (30, 30)


def test_the_picture_has_a_bar_for_every_peer_and_is_well_formed():
    drawn = ET.fromstring(plot.svg(a_report(**dict.fromkeys(plot.LABELS, 1.5))))  # noqa: S314 - ours
    assert len(drawn.findall("{http://www.w3.org/2000/svg}rect")) == len(plot.LABELS)
    assert ET.fromstring(plot.svg(a_report())) is not None  # noqa: S314 - a run of nothing has a picture too


def test_every_ratio_has_a_measurement_and_the_rest_is_in_the_table():
    owners = {"intake_fastapi": "intake", "feed_deliveries_100": "feed", "feed_p50_ms": "feed"}
    assert {owners.get(key, key) for key in RATIOS} | {"calls", "history"} == set(MEASUREMENTS)
    assert set(plot.LABELS) == set(RATIOS) - {"feed_deliveries_100", "feed_p50_ms"}
    said = table.table(a_report(celery_prefork_100=1.234))
    assert "1.23" in said
    assert "not run: prefect_100: no <wheel> & no network" in said


def test_a_measurement_that_does_not_exist_is_wrong_usage():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--only", "nonsense"],
        cwd=tree.ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no measurement 'nonsense'" in done.stderr


@pytest.mark.parametrize(
    ("peer", "who", "goes_on"), [("prefect", "prefect", True), ("prefect", "nexus", False), ("dbos", "dbos", False)]
)
def test_a_run_goes_on_without_a_peer_that_may_be_missing_and_not_without_us(peer, who, goes_on):
    entry = Entry(name=peer, database="", client=())
    assert duelling.may_be_missing(Broke(who, f"{peer} is slow"), peer=peer, theirs=entry) is goes_on


@pytest.mark.parametrize(
    "prepare", [((sys.executable, "-c", "print('no schema', flush=True); raise SystemExit(3)"),), ()]
)
def test_a_contestant_that_does_not_start_says_who_it_is_and_what_it_said(tmp_path, monkeypatch, prepare):
    def never(*_, what, **__):
        raise TimeoutError(what)

    monkeypatch.setattr(contestants, "wait_until", never)
    entry = Entry(name="prefect", database="", client=(), prepare=prepare, cwd=tmp_path)
    with pytest.raises(Broke, match=r"(?s)^prefect: .*(no schema|prefect to answer)") as broke:
        Contestant(entry, SimpleNamespace(log=lambda name: tmp_path / name))
    assert broke.value.who == "prefect"


def test_neither_is_always_first() -> None:
    turns = [duels.in_turn(("ours", "theirs"), number) for number in range(4)]
    assert turns == [("ours", "theirs"), ("theirs", "ours")] * 2

"""Rows at the provider: answers that are broken, missing or absurd, a provider that is away, money that runs short."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.chaos.clock import Clock
from tests.chaos.stage import Stage, pause
from tests.support.rivals import wait_for

LONG = "word " * 400
ESTIMATED, REPORTED = "estimated", "reported"
CUTS: tuple[dict[str, Any], ...] = (
    {"close_after_bytes": 0},
    {"close_after_events": 8, "text": LONG},
    {"close_after_events": 40, "text": LONG},
)
USAGES: tuple[tuple[Any, str], ...] = (
    ("missing", ESTIMATED),
    ("zero", REPORTED),
    ("absurd", ESTIMATED),
    ({"input_tokens": -5, "output_tokens": 3}, ESTIMATED),
    ({"input_tokens": 11, "output_tokens": 3}, REPORTED),
)
SCHEMA = {
    "type": "object",
    "properties": {"verdict": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["verdict", "score"],
    "additionalProperties": False,
}


def _bill(stage: Stage, run: int) -> list[tuple[str, str, Decimal, Decimal]]:
    """State, quality, amount and bound of every request of a run, oldest first."""
    return stage.nexus.rows(
        "SELECT q.state, l.quality, l.amount, q.max_cost FROM agents_modelrequest q "
        "JOIN agents_modelcall c ON c.id = q.call_id JOIN billing_ledgerentry l ON l.request_id = q.id "
        "AND l.kind = 'CHARGE' WHERE c.run_id = %s ORDER BY q.number, q.created_at",
        run,
    )


def broken_streams(stage: Stage) -> str:
    """Row 32: streams that break early, midway and late; usage that is missing, zero, negative or absurd."""
    estimates = []
    for cut in CUTS:
        stage.script(**cut)
        run = stage.nexus.submit("test.asks")
        stage.run_done(run)
        bills = _bill(stage, run)
        assert len(bills) == 2, f"{cut} did not cut: {bills}"
        lost, answered = bills
        assert (lost[:2], answered[0]) == (("UNKNOWN", ESTIMATED), "SETTLED"), (lost, answered)
        assert 0 < lost[2] <= lost[3], lost
        estimates.append(lost[2])
    assert estimates[0] < estimates[1] < estimates[2], f"the more came, the more is booked: {estimates}"
    for usage, quality in USAGES:
        stage.script(usage=usage)
        run = stage.nexus.submit("test.asks")
        stage.run_done(run)
        [(state, said, amount, bound)] = _bill(stage, run)
        assert (state, said) == ("SETTLED", quality), (usage, state, said)
        assert (amount == 0) == (usage == "zero"), (usage, amount)
        assert amount <= bound, (usage, amount, bound)
    flagged = any("usage out of all bounds" in line for line in stage.nexus.running["agents"].lines)
    assert flagged, "an absurd usage was not said aloud"
    return f"{len(CUTS)} cuts booked by estimate, more for more; 0 stays 0; absurd is clamped and said aloud"


def broken_answers(stage: Stage) -> str:
    """Row 33: answers that are empty, cut, of the wrong shape, with tools nobody has, or of five megabytes."""
    bad: Sequence[dict[str, Any]] = (
        {"text": ""},
        {"text": '{"verdict": "a'},
        {"text": '{"verdict": 3, "score": "x"}'},
        {"tool_calls": [{"name": "rm", "input": {"path": "/"}}], "text": ""},
    )
    for answer in bad:
        stage.script(times=2, **answer)
        run = stage.nexus.submit("test.reads", input={"schema": SCHEMA})
        stage.run_done(run)
        assert len(_bill(stage, run)) == 3, f"{answer}: {len(_bill(stage, run))} requests, two repairs were due"
    stage.script(times=9, text="never")
    run = stage.nexus.submit("test.reads", input={"schema": SCHEMA})
    stage.await_rows("SELECT 1 FROM nexus_task WHERE run_id = %s AND state = 'failed'", run, within=40)
    bought = len(_bill(stage, run))
    assert bought == 3, f"{bought} requests for an answer that never fits"
    with stage.nexus.sandbox() as sandbox:
        sandbox.delete("/scenarios")
    stage.script(text=("word" + " " * 96) * 50_000)
    run = stage.nexus.submit("test.asks")
    stage.run_done(run)
    huge, answered = _bill(stage, run)
    assert (huge[:2], answered[0]) == (("UNKNOWN", ESTIMATED), "SETTLED"), (huge, answered)
    assert 0 < huge[2] <= huge[3], f"more than what it may cost was booked: {huge}"
    return (
        f"{len(bad)} kinds repaired by two more requests each; never right: {bought} in all, dead; "
        "5 MB: cut where the money for it ended, booked, asked again"
    )


GIVEN_BACK = (
    "SELECT count(*) FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id "
    "WHERE t.run_id = %s AND a.outcome = 'given_back'"
)


def provider_away(stage: Stage) -> str:
    """Row 34: nobody answers at the provider's address, and a hundred tasks want to ask."""
    with stage.behind("agents") as (_, _, provider):
        provider.refuse()
        run = stage.nexus.submit_all([{"key": f"t{n}", "type": "test.asks"} for n in range(100)])
        began = time.monotonic()
        stage.await_rows(
            f"SELECT 1 WHERE ({GIVEN_BACK}) >= 100",
            run,
            within=120,
        )
        others = time.monotonic()
        stage.run_done(stage.nexus.submit("test.echo"), within=60)
        others = time.monotonic() - others
        pause(max(0.0, 20 - (time.monotonic() - began)))
        [(knocked,)] = stage.nexus.rows(GIVEN_BACK, run)
        away = time.monotonic() - began
        provider.passing()
        began = time.monotonic()
        stage.run_done(run, within=120)
        took = time.monotonic() - began
    [(spent,)] = stage.nexus.rows("SELECT max(attempt) FROM nexus_task WHERE run_id = %s", run)
    assert spent == 1, f"an attempt was spent on a provider that was away: {spent}"
    return (
        f"away for {away:.0f} s: {knocked} tries of 100 tasks, no attempt spent, a task without a model done in "
        f"{others:.1f} s; all done {took:.0f} s after it was back"
    )


def budget_lowered(stage: Stage) -> str:
    """Row 36: a limit falls below what is reserved, rises again; and a day ends in the middle of a call."""
    subject = f"lowered-{uuid4().hex[:8]}"
    asked = len(stage.journal())
    stage.script(latency_ms=2500)
    run = stage.nexus.submit_all([{"key": "t", "type": "test.asks", "input": {"steps": 2}}], subject=subject)
    wait_for(lambda: len(stage.journal()) > asked, what="the request to leave")
    limit = "UPDATE billing_budget SET limit_usd = %s WHERE key = %s RETURNING id"
    stage.nexus.rows(limit, "0.000001", subject)
    stage.await_rows(
        "SELECT 1 FROM nexus_task WHERE run_id = %s AND state = 'waiting_approval'", run, what="the next call to park"
    )
    left = len(stage.journal()) - asked
    assert left == 1, f"{left} requests left under a limit that is below what is reserved"
    [(spent, reserved)] = stage.nexus.rows("SELECT spent, reserved FROM billing_budget WHERE key = %s", subject)
    assert spent > 0 == reserved, (spent, reserved)
    stage.nexus.rows(limit, 5, subject)
    stage.program(
        f"[engine.unpark(task_id=one.pk) for one in engine.tasks.filter(run_id={run}, state='waiting_approval')]"
    )
    stage.run_done(run)
    return f"the call under way was paid, the next one waited; gone on when the limit rose; {_over_midnight(stage)}"


def _over_midnight(stage: Stage) -> str:
    clock = Clock(stage.nexus.home, "midnight")
    # Another day than today: of today, other rows have spent.
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    days = [(tomorrow + timedelta(days=n)).isoformat() for n in (0, 1)]
    stage.program(
        "from decimal import Decimal; from billing import budgets\n"
        f"for day in {days!r}: budgets.set_limit(kind='day', key=day, limit=Decimal(5))"
    )
    stage.anew("agents", **clock.env)
    midnight = datetime.combine(tomorrow + timedelta(days=1), datetime.min.time(), UTC)
    asked = len(stage.journal())
    stage.script(latency_ms=4000)
    # Far enough before it that starting the run does not take until then.
    clock.shift(int((midnight - datetime.now(UTC)).total_seconds()) - 3600)
    run = stage.nexus.submit("test.asks")
    wait_for(lambda: len(stage.journal()) > asked, what="the request to leave before midnight")
    clock.shift(int((midnight - datetime.now(UTC)).total_seconds()) + 60)
    stage.run_done(run)
    stage.anew("agents")
    spent = dict(
        stage.nexus.rows("SELECT key, spent > 0 AND reserved = 0 FROM billing_budget WHERE key = ANY(%s)", days)
    )
    assert spent == {days[0]: True, days[1]: False}, spent
    return "a call over midnight is of the day that it was reserved in"

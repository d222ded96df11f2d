"""A worker dies in the middle of a payment: the bank has one charge, and where nobody knew, a person said so."""

from __future__ import annotations

from tests.chaos.stage import Stage
from tests.support.payments import Payments, payments

DECIDED = """
approval = engine.approvals.waiting().get(run_id={run})
engine.decide(approval_id=approval.pk, decision={word!r}, hash=approval.hash, actor="ann", reason="it is in the books")
"""
DEATHS = (("once", "K12"), ("once", "K17"), ("once", "K18"), ("idempotent", "K17"))


def killed_while_paying(stage: Stage) -> str:
    """Row 49."""
    asked = 0
    with payments() as careless, payments(honours_keys=True) as careful:
        for kind, point in DEATHS:
            bank = careful if kind == "idempotent" else careless
            asked += _killed_at(stage, bank, kind=kind, point=point)
    assert asked == 2, f"a person was asked {asked} times, where two payments were in doubt"
    return f"{len(DEATHS)} payments, as many charges in the banks' journals; 2 were in doubt, and a person was asked"


def _killed_at(stage: Stage, bank: Payments, *, kind: str, point: str) -> bool:
    """Kill the worker there; return whether a person had to be asked. One charge, whatever happens."""
    before = bank.charged()
    stage.anew("agents", NEXUS_CRASH=f"{point}:1")
    run = stage.nexus.submit("test.pays", input={"url": bank.url, "kind": kind})
    stage.died("agents")
    stage.start("agents")
    ended = "SELECT state FROM nexus_task WHERE run_id = %s AND state IN ('completed', 'waiting_approval')"
    [(state,)] = stage.await_rows(ended, run, what=f"the payment that died at {point} to be known or asked about")
    charged = bank.charged() - before
    if state == "waiting_approval":
        stage.program(DECIDED.format(run=run, word="respond" if charged else "approve"))
    stage.run_done(run)
    assert bank.charged() - before == 1, f"{kind} at {point}: {bank.charged() - before} charges"
    return state == "waiting_approval"

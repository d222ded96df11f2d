"""A handler asks; a person sends it back, then approves it; time decides where nobody does. With real workers."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.support.rivals import wait_for
from tests.support.stack import Stack

ASKS = {"key": "one", "type": "test.proposes"}
THEN = {"key": "two", "type": "test.tool", "after": ("one",)}


def submitted(nexus: Stack, **gate: Any) -> int:
    """A run of the key's project, whose first task asks people."""
    ((project,),) = nexus.rows("SELECT id FROM workorders_project WHERE slug = 'default'")
    tasks = [{**ASKS, "input": {"gate": gate}}, THEN]
    return nexus.submit_all(tasks, subject="WO-20260217-9001", tenant=str(project))


def waiting(nexus: Stack, client: httpx2.Client, run: int) -> dict[str, Any]:
    """The approval that the run waits for, in full, once it does."""
    ((number,),) = wait_for(
        lambda: nexus.rows("SELECT id FROM nexus_approval WHERE run_id = %s AND outcome IS NULL", run),
        what="an approval",
    )
    assert number in [one["id"] for one in client.get("/api/v2/approvals").json()["results"]]
    return dict(client.get(f"/api/v2/approvals/{number}").json())


def decide(client: httpx2.Client, approval: dict[str, Any], decision: str, reason: str = "") -> httpx2.Response:
    words = {"decision": decision, "hash": approval["hash"], "reason": reason}
    return client.post(f"/api/v2/approvals/{approval['id']}/decide", json=words)


def completed(nexus: Stack, run: int) -> list[tuple[str, Any, int]]:
    """Wait for the end; key, output and attempts of each task."""
    wait_for(lambda: nexus.rows("SELECT 1 FROM nexus_run WHERE id = %s AND state = 'completed'", run), what="the end")
    return nexus.rows("SELECT key, output, attempt FROM nexus_task WHERE run_id = %s ORDER BY id", run)


def test_a_person_sends_it_back_and_then_approves_and_the_run_completes(nexus: Stack):
    run = submitted(nexus)
    with nexus.client() as client:
        first = waiting(nexus, client, run)
        assert decide(client, first, "revise", "shorter").json()["state"] == "revised"
        second = waiting(nexus, client, run)
        assert (second["content"], second["id"] == first["id"]) == ({"text": "a draft, shorter"}, False)
        late = decide(client, first, "approve")
        assert (late.status_code, late.json()["standing"]["outcome"]) == (409, "revised")
        assert decide(client, second, "approve").json()["state"] == "approved"
    one, two = completed(nexus, run)
    assert one == ("one", {"outcome": "approved", "content": second["content"], "reason": "", "by": "board"}, 1)
    assert two[0] == "two"
    assert nexus.rows("SELECT outcome FROM nexus_attempt a JOIN nexus_task t ON t.id = a.task_id"
                      " WHERE t.run_id = %s AND t.key = 'one' ORDER BY a.id", run) == [
        ("parked",), ("parked",), ("completed",),
    ]  # fmt: skip


def test_the_dispatcher_reminds_and_then_lets_time_decide(nexus: Stack):
    run = submitted(nexus, remind_every=0.5, expires_after=3, on_timeout="approve")
    (one, _) = completed(nexus, run)
    assert (one[1]["outcome"], one[1]["by"]) == ("approved", "")
    kinds = [kind for (kind,) in nexus.rows("SELECT kind FROM nexus_event WHERE run_id = %s ORDER BY seq", run)]
    assert kinds.count("approval.reminded") >= 1
    assert kinds.index("approval.reminded") < kinds.index("approval.expired") < kinds.index("task.unparked")


def test_two_dispatchers_let_time_decide_once(nexus: Stack):
    nexus.start_dispatcher("second")
    run = submitted(nexus, expires_after=2, on_timeout="reject", on_reject="run_again")
    (one, _) = completed(nexus, run)
    assert one[1]["outcome"] == "rejected"
    assert nexus.rows("SELECT count(*) FROM nexus_event WHERE run_id = %s AND kind = 'approval.expired'", run) == [(1,)]
    nexus.kill("second")

"""What must hold after every row, asked of the tables, of the sandbox's journal and of every process's output.

I6 (effects outside) has no question here: row 49 asks it. I10, the time to recover, is
measured by the rows themselves.
"""

from __future__ import annotations

from collections.abc import Collection

from tests.support.stack import KEY, Stack

ASKED = {
    "I1 an order that was answered 201 is finished, or says what it waits for": """
        SELECT r.subject FROM nexus_run r WHERE r.state = 'open' AND r.paused_at IS NULL AND NOT EXISTS
          (SELECT 1 FROM nexus_task t WHERE t.run_id = r.id AND t.state IN ('waiting_approval', 'failed'))""",
    "I2 a task settles once": """
        SELECT task_id FROM nexus_event WHERE kind = 'task.completed' GROUP BY task_id HAVING count(*) > 1
         UNION SELECT task_id FROM nexus_attempt WHERE outcome = 'completed' GROUP BY task_id HAVING count(*) > 1""",
    "I2 a run ends once": """
        SELECT run_id FROM nexus_event WHERE kind IN ('run.completed', 'run.failed', 'run.cancelled')
         GROUP BY run_id HAVING count(*) > 1""",
    "I3 no request is left open": "SELECT id FROM agents_modelrequest WHERE state IN ('INTENT', 'SENT')",
    "I3 a request has one charge": """
        SELECT request_id FROM billing_ledgerentry WHERE kind = 'CHARGE' GROUP BY request_id HAVING count(*) > 1""",
    "I4 what is spent is what the ledger has": """
        SELECT b.kind, b.key FROM billing_budget b WHERE b.spent <> (
          SELECT coalesce(sum(l.amount), 0) FROM billing_ledgerentry l
           WHERE l.request_id IN (SELECT h.request_id FROM billing_hold h WHERE h.budget_id = b.id))""",
    "I4 nothing is reserved when it is quiet": """
        SELECT kind, key FROM billing_budget b WHERE reserved <> 0
            OR EXISTS (SELECT 1 FROM billing_hold h WHERE h.budget_id = b.id AND h.open)""",
    "I5 no budget is overrun": "SELECT kind, key FROM billing_budget WHERE spent + reserved > limit_usd",
    "I7 no child starts before its parents are done": """
        SELECT d.child_id FROM nexus_dependency d JOIN nexus_event s ON s.task_id = d.child_id
         WHERE s.kind = 'task.started' AND NOT EXISTS
          (SELECT 1 FROM nexus_event e
            WHERE e.task_id = d.parent_id AND e.kind = 'task.completed' AND e.run_id = s.run_id AND e.seq < s.seq)""",
    "I8 an approval is decided once": """
        SELECT approval_id FROM nexus_vote WHERE decides GROUP BY approval_id HAVING count(*) > 1
         UNION ALL SELECT a.id FROM nexus_approval a JOIN nexus_event e ON e.run_id = a.run_id
          AND e.kind = 'approval.decided' AND (e.data->>'approval')::bigint = a.id GROUP BY a.id HAVING count(*) > 1""",
    "I9 events are numbered without a gap": """
        SELECT r.id FROM nexus_run r WHERE r.last_seq <> (SELECT count(*) FROM nexus_event e WHERE e.run_id = r.id)""",
    "deps_left counts the unfinished parents": """
        SELECT c.id FROM nexus_task c WHERE c.state = 'pending' AND c.deps_left <>
          (SELECT count(*) FROM nexus_dependency d JOIN nexus_task p ON p.id = d.parent_id
            WHERE d.child_id = c.id AND p.state <> 'completed')""",
    "open_tasks counts the unfinished tasks": """
        SELECT r.id FROM nexus_run r WHERE r.state = 'open' AND r.open_tasks <>
          (SELECT count(*) FROM nexus_task t WHERE t.run_id = r.id AND t.state NOT IN ('completed', 'cancelled'))""",
    "a lease is of a running task, and the other way round": """
        SELECT coalesce(l.task_id, t.id) FROM nexus_lease l
          FULL JOIN (SELECT * FROM nexus_task WHERE state = 'running') t ON t.id = l.task_id AND t.fence = l.fence
         WHERE l.task_id IS NULL OR t.id IS NULL""",
}
"""A sentence, and the statement that finds what breaks it."""


def breaches(nexus: Stack, *, gone: Collection[str] = ()) -> list[str]:
    """Every invariant that does not hold, with the first of what breaks it. `gone` went with a restored database."""
    found = [
        f"{sentence}: {len(rows)}, e.g. {rows[0]}" for sentence, asked in ASKED.items() if (rows := nexus.rows(asked))
    ]
    return found + _journals_differ(nexus, gone) + _secrets_said(nexus)


def _journals_differ(nexus: Stack, gone: Collection[str]) -> list[str]:
    """I3: what the provider received and may bill is charged, and nothing else is."""
    with nexus.sandbox() as sandbox:
        journal = sandbox.get("/journal").json()
    entries = [one for one in journal if one["path"] == "/v1/messages" and one["request_id"] not in gone]
    received = [one["request_id"] for one in entries]
    billed = {one["request_id"] for one in entries if one["status"] is None or one["status"] < 400}
    charged = {str(row[0]) for row in nexus.rows("SELECT request_id FROM billing_ledgerentry WHERE kind = 'CHARGE'")}
    asked = {str(row[0]) for row in nexus.rows("SELECT id FROM agents_modelrequest WHERE sent_at IS NOT NULL")}
    differences = {
        "a request left twice": [one for one in set(received) if received.count(one) > 1],
        "a request that left is in no row": set(received) - asked,
        "a request that may be billed has no charge": billed - charged,
        "a charge is for a request that never arrived": charged - set(received) - set(gone),
    }
    return [f"I3 {what}: {len(which)}, e.g. {min(which)}" for what, which in differences.items() if which]


def _secrets_said(nexus: Stack) -> list[str]:
    """I11: no secret of this installation is in anybody's output."""
    canaries = {"the API key": KEY, "the admin's password": nexus.env["NEXUS_INIT_ADMIN_PASSWORD"]}
    return [
        f"I11 {what} is in the output of {process.name}"
        for what, secret in canaries.items()
        for process in nexus.running.values()
        if any(secret in line for line in list(process.lines))
    ]

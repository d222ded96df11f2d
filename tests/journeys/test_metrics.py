"""/metrics of a whole Nexus: counted by its dispatcher, while orders go through."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import Stack


def told(client) -> dict[tuple[str, ...], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    found = text_string_to_metric_families(answer.text)
    return {(one.name, *one.labels.values()): one.value for family in found for one in family.samples}


def test_a_dispatcher_counts_and_nothing_is_broken(nexus: Stack) -> None:
    with nexus.client() as client:
        orders.settled(client, orders.file(client))
        wait_for(
            lambda: told(client).get(("nexus_tasks", "completed"), 0) > 3, within=60, what="a count after the order"
        )
        found = told(client)
    assert found["nexus_dispatcher_seen_seconds",] < 15
    assert found["nexus_ledger_cost_usd", "total"] > 0
    broken = {key[1]: value for key, value in found.items() if key[0] == "nexus_invariant_violations"}
    assert len(broken) >= 9
    assert {name: value for name, value in broken.items() if value} == {}
    assert found["nexus_http_requests_total", "POST", "/api/v2/work-orders", "201"] >= 1

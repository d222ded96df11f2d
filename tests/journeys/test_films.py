"""Films with real workers: through four checkpoints, and one by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx2

from tests.support import orders
from tests.support.rivals import wait_for
from tests.support.stack import Stack

BRIEF = {"brief": "A keeper and a dog see the first ship", "duration_seconds": 1, "shots": 2, "quality": "fast"}
PRIORITIES, OF_EACH = (10, 8, 5, 3, 1), 50
LOOKS = "FROM nexus_task WHERE type = 'CHECK_CONSISTENCY' AND input->'payload' ? 'number'"
TRIES = f"FROM nexus_attempt a JOIN (SELECT id {LOOKS}) t ON t.id = a.task_id"
CHECKPOINTS = ["SCENE_WRITTEN", "SHOT_PLANNED", "PREVIEW_VIDEO_READY", "FINAL_VIDEO_READY"]


def tell(client: httpx2.Client, film: str, event_type: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
    said = {"project_id": film, "type": event_type, "payload": payload or {}}
    answer = client.post("/api/v2/events", json=said)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def approve(client: httpx2.Client, order: str) -> list[str]:
    """Approve what waits of this order; return the checkpoints."""
    decided = []
    for line in client.get("/api/v2/approvals?whose=anybody&page_size=200").json()["results"]:
        if line["order"] == order:
            words = {"decision": "approve", "hash": line["hash"]}
            assert client.post(f"/api/v2/approvals/{line['id']}/decide", json=words).status_code == 200
            decided.append(line["checkpoint"])
    return decided


def over(client: httpx2.Client, film: str) -> dict[str, Any] | None:
    shown = dict(client.get(f"/api/v2/films/{film}").json())
    assert shown["status"] not in ("failed", "cancelled"), shown["tasks"]
    return shown if shown["status"] == "completed" else None


def test_a_film_runs_from_its_first_event_to_its_last_through_four_checkpoints_and_one_by_itself(nexus: Stack):
    with nexus.client() as client:
        order = tell(client, "asked", "PROJECT_CREATED", BRIEF)["work_order"]
        tell(client, "alone", "PROJECT_CREATED", {**BRIEF, "user_options": {"auto_mode": True}})
        seen: list[str] = []

        def ended() -> dict[str, Any] | None:
            seen.extend(approve(client, order))
            return over(client, "asked")

        asked = wait_for(ended, within=90, what="the film that asks")
        alone = wait_for(lambda: over(client, "alone"), within=60, what="the film in auto mode")
        events = client.get("/api/v2/events?project_id=asked&page_size=200").json()["results"]
        picture = client.get(f"/api/v2/films/asked/files/{asked['shots'][0]['keyframe']}")
        budget = client.get("/api/v2/films/asked/budget").json()
        deliverable = client.get(f"/api/v2/work-orders/{order}/deliverable").text
    assert list(dict.fromkeys(seen)) == CHECKPOINTS
    assert events[0]["type"] == "PROJECT_FINALIZED"
    assert events[-1]["type"] == "PROJECT_CREATED"
    assert "REQUEST_APPROVAL" not in {one["task_type"] for one in alone["tasks"]}
    assert {one["status"] for film in (asked, alone) for one in film["tasks"]} == {"COMPLETED"}
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert (budget["status"], budget["reserved"]) == ("HEALTHY", "0.000000000")
    assert "film-" in deliverable
    orders.assert_settled_once(nexus)


def test_events_that_clients_tell_at_once_are_done_by_one_worker_process_in_order(nexus: Stack):
    """One worker process that does one thing at a time, and that comes when everybody has told everything."""
    everything = OF_EACH * len(PRIORITIES)
    nexus.kill("tools")
    with nexus.client() as client:
        tell(client, "busy", "PROJECT_CREATED", BRIEF)
        for priority in PRIORITIES:
            rule = {"event_type": f"LOOK_{priority}", "task_type": "CHECK_CONSISTENCY", "priority": priority}
            answer = client.post("/api/v2/event-mappings", json={"project": "default", **rule})
            assert answer.status_code == 201, answer.text

        def tell_all(priority: int) -> None:
            for number in range(OF_EACH):
                tell(client, "busy", f"LOOK_{priority}", {"number": number})

        with ThreadPoolExecutor(len(PRIORITIES)) as others:
            list(others.map(tell_all, PRIORITIES))
    assert nexus.rows(f"SELECT state, count(*) {LOOKS} GROUP BY state") == [("ready", everything)]

    nexus.start_worker("lone")
    wait_for(lambda: nexus.rows(f"SELECT count(*) {LOOKS} AND state = 'completed'") == [(everything,)],
             within=60, what="all looks")  # fmt: skip
    nexus.kill("lone")

    done = nexus.rows(f"SELECT priority, (input->'payload'->>'number')::int {LOOKS} ORDER BY started_at")
    assert done == sorted(done, key=lambda one: (-one[0], one[1]))
    assert sum(one != other for one, other in pairwise(priority for priority, _ in done)) == len(PRIORITIES) - 1
    assert nexus.rows(f"SELECT count(*), count(DISTINCT worker) {TRIES}") == [(everything, 1)]
    orders.assert_settled_once(nexus)

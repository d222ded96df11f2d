"""Workflows carried out: stages, branches, contracts, the reply."""

from __future__ import annotations

import pytest

from tests.support import runs, stories, workflows
from workorders.models import Deliverable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(valkey_flushed):
    with stories.models_answered() as sandbox:
        yield sandbox


def test_a_workflow_runs_from_its_persona_to_its_reply(sandbox):
    workflows.brought()
    order = workflows.begun()

    run = workflows.carried_out(order)

    assert run.state == "completed", [(t.key, t.state, t.error) for t in __import__("nexus.engine", fromlist=["tasks"]).tasks.of(run.pk)]
    print(runs.states(run))
    print(Deliverable.objects.get(order=order).body)
    for event in __import__("nexus.engine", fromlist=["events"]).events.of(run.pk):
        print(event.kind, str(event.data)[:600])
    assert 0

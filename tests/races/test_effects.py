"""Two executions of one task meet at its effect: one of them has lost its lease, and does not act."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from nexus import engine
from nexus.errors import LeaseLost
from nexus.tasks.models import Task
from tests.support.model_calls import an_execution, taken_again
from tests.support.rivals import Rival, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)


def performing(context: engine.Context, act, *, kind: engine.EffectKind = "once") -> engine.Performed:
    return engine.perform(context, key="k", kind=kind, name="send", request={"to": "ann"}, act=act)


@pytest.mark.parametrize("kind", ["idempotent", "once"])
def test_whoever_loses_the_task_on_the_way_does_not_act(kind):
    context, acted = an_execution(), []
    late = Rival(lambda: performing(context, lambda key: acted.append(key) or {}, kind=kind))
    with transaction.atomic():
        Task.objects.filter(pk=context.task_id).update(fence=99)
        late.start()
        wait_until_blocked()
    assert isinstance(late.ended(), LeaseLost)
    assert (acted, engine.effects.count()) == ([], 0)


def test_who_comes_while_another_acts_asks_a_person_and_the_answer_still_counts():
    first, acting, over = an_execution(), threading.Event(), threading.Event()

    def slowly(key: str) -> dict[str, str]:
        acting.set()
        over.wait(20)
        return {"sent": key}

    slow = Rival(lambda: performing(first, slowly))
    slow.start()
    assert acting.wait(20)
    second = taken_again(first)
    with pytest.raises(engine.PeopleAsked):
        performing(second, slowly)
    over.set()
    sent = slow.ended().response
    assert performing(second, slowly).response == sent
    assert engine.effects.get().tries == 1

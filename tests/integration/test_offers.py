"""Offers: names of applications that requests may be made to."""

from __future__ import annotations

import pytest
from django.db import transaction

import tests.support.work.handlers  # noqa: F401
from nexus import engine
from tests.support import stories
from workorders import offers
from workorders.errors import NotOffered
from workorders.flow import intake

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def greeter(monkeypatch):
    """An application that greets, and offers it to one project."""

    def names(project):
        return ["greet"] if project.slug == "acme" else []

    def file(*, project, name, text, wish):
        hello = engine.TaskSpec(key="hello", type="test.echo")
        return intake.accept(
            message=text, project=project, workflow=name, first=(hello,), requester=wish.requester, channel=wish.channel
        )

    # Beside the others, not in their place: an application registers once, whenever it happens to be found.
    monkeypatch.setitem(offers._offers, "greeter", offers.Offer(kind="greeter", names=names, file=file))


def test_a_request_under_an_offered_name_is_carried_out_as_its_application_says(greeter):
    project = stories.a_project()
    assert offers.names(project) == ["greet"]
    with transaction.atomic():
        order = offers.file(project=project, name="greet", text="Hello", requester="ann", channel="telegram")
    assert (order.workflow, order.requester, order.channel) == ("greet", "ann", "telegram")
    assert list(engine.tasks.of(order.run_id).values_list("key", flat=True)) == ["hello"]


def test_a_name_that_is_not_offered_to_the_project_is_refused(greeter):
    with transaction.atomic(), pytest.raises(NotOffered):
        offers.file(project=stories.a_project("other"), name="greet", text="Hello")


def test_two_applications_cannot_have_one_kind(greeter):
    with pytest.raises(ValueError, match="greeter"):
        offers.offer("greeter", names=lambda project: [], file=None)

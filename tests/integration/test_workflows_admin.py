"""The Board's pages about workflows: each opens, in both languages, and writes nothing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from tests.support import stories, workflows

pytestmark = pytest.mark.django_db

MODELS = sorted(
    (model for model, page in admin.site._registry.items() if type(page).__module__ == "apps.workflows.admin"),
    key=lambda model: model.__name__,
)


@pytest.fixture
def board(db) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    return client


def test_there_is_a_page_for_everything_that_people_look_at():
    assert [model.__name__ for model in MODELS] == [
        "Change", "Chat", "ChatEntry", "KnowledgeSnapshot", "PipelineNode", "StageDefinition", "ToolDefinition",
        "WorkflowDefinition",
    ]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_page_shows_and_does_not_write(board, model):
    workflows.some_of_everything(stories.an_order())
    row = model.objects.get()
    name = f"admin:workflows_{model._meta.model_name}"
    before = list(model.objects.values())

    assert board.get(reverse(f"{name}_changelist"), {"q": "x' OR 1=1--"}).status_code == 200
    assert "工作流" in board.get(reverse(f"{name}_changelist"), headers={"Accept-Language": "zh-hans"}).content.decode()
    page = reverse(f"{name}_change", args=[row.pk])
    assert board.get(page).status_code == 200
    assert board.post(page, {"key": "changed"}).status_code == 403
    assert board.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert board.get(reverse(f"{name}_add")).status_code == 403
    assert list(model.objects.values()) == before

"""The Board's pages of webhooks, schedules and inlets: they show, in the reader's language, and change nothing."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.webhooks.models import Delivery
from tests.support import other_systems
from tests.support.people import a_cast

pytestmark = pytest.mark.django_db
PAGES = sorted(
    (
        (model, f"admin:{model._meta.app_label}_{model._meta.model_name}")
        for model, page in admin.site._registry.items()
        if type(page).__module__ == "apps.webhooks.admin"
    ),
    key=lambda pair: pair[1],
)


@pytest.fixture
def board() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("board", password="correct horse battery"))
    other_systems.some(a_cast().acme)
    return client


@pytest.mark.parametrize(("model", "name"), PAGES, ids=lambda one: one if isinstance(one, str) else "")
def test_every_list_and_page_opens_and_nothing_on_it_writes(board, model, name):
    row = model._default_manager.get()
    page = reverse(f"{name}_change", args=[row.pk])
    before = list(model._default_manager.values())

    assert board.get(reverse(f"{name}_changelist"), {"q": "x' OR 1=1--"}).status_code == 200
    shown = board.get(page).content.decode()
    assert "<script>alert(2)</script>" not in shown
    assert board.get(reverse(f"{name}_add")).status_code == 403
    assert board.post(page, {"name": "changed"}).status_code == 403
    assert board.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert list(model._default_manager.values()) == before
    assert len(PAGES) == 6


def test_no_page_shows_a_secret(board):
    for _, name in PAGES:
        assert "sealed" not in board.get(reverse(f"{name}_changelist")).content.decode()


def test_what_failed_is_sent_again_and_reads_in_chinese(board):
    Delivery.objects.update(standing="failed", run=None)
    where = reverse("admin:webhooks_delivery_changelist")
    chosen = {"action": "send_again", "_selected_action": [Delivery.objects.get().pk]}

    answer = board.post(where, chosen, follow=True, headers={"Accept-Language": "zh-hans"})

    assert "已重新发送：1" in answer.content.decode()
    assert Delivery.objects.get().standing == "pending"
    assert Delivery.objects.get().run is not None

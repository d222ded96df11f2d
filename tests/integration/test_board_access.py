"""The Board's pages are opened by a permission each. Every one has a row in tests/support/doors/admin.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.board.acts.known import ACTS
from nexus import engine
from tests.support import doors
from tests.support.doors import SECRET
from tests.support.doors import admin as pages
from tests.support.everything import some_of_everything
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db(transaction=True)
OPENED = pages.table()
METHODS = ("get", "post")


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def staff() -> tuple[User, Client]:
    """Somebody of the Board who may do nothing yet."""
    user = User.objects.create_user("clerk", is_staff=True)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return user, client


def everything_of(cast: Cast) -> None:
    """A row of most tables, with a word in it that is Alice's alone."""
    some_of_everything(cast, 1)
    for maker in {door.of for door in doors.table().values() if door.of is not None}:
        maker(cast)


def urls() -> Iterator[tuple[str, str]]:
    """Every page by name, about a row that exists where there is one."""
    rows = {
        f"{model._meta.app_label}_{model._meta.model_name}": model._default_manager.order_by("pk").first()
        for model in admin.site._registry
    }
    for name, route in pages.pages():
        parts = pages.filled(route)
        row = rows.get(name.rpartition("_")[0])
        if "object_id" in parts and row is not None:
            parts["object_id"] = str(row.pk)
        if "fingerprint" in parts:
            parts["fingerprint"] = next((one.fingerprint for one in engine.groups()), parts["fingerprint"])
        yield name, reverse(f"admin:{name}", kwargs=parts) if name else "/admin/nowhere"


def test_every_page_has_a_row_and_every_row_a_page():
    there = [name for name, _ in pages.pages()]

    assert sorted(there) == sorted([*OPENED, *pages.ACTS, *pages.FRAME, *pages.PUBLIC])


def test_whoever_is_not_of_the_board_is_sent_to_the_door(cast):
    member = Client()
    member.force_login(cast.charlie.user)
    for caller in (Client(), member):
        for name, url in urls():
            for method in METHODS if name not in pages.PUBLIC else ():
                answer = getattr(caller, method)(url)
                assert (answer.status_code, answer.headers["Location"].split("?")[0]) in (
                    (302, "/admin/login/"), (302, "/admin/"),
                ), f"{method} {url}"  # fmt: skip


def test_whom_the_board_has_given_nothing_sees_no_row(cast):
    everything_of(cast)
    _, clerk = staff()
    for name, url in urls():
        for method in METHODS if name != "logout" else ():
            answer = getattr(clerk, method)(url, {"q": SECRET, "s": SECRET, "extended": "1"})

            assert SECRET not in answer.content.decode().replace(f'value="{SECRET}"', ""), f"{method} {url}"
            if name.endswith("_history") and answer.status_code == 302:
                assert answer.headers["Location"] == "/admin/"  # Django has looked, and there is no such row
            elif name not in (*pages.FRAME, *pages.PUBLIC, *pages.ACTS):
                assert answer.status_code == 403, f"{method} {url}"


def test_every_act_is_refused_to_whom_it_was_not_given(cast):
    _, clerk = staff()
    for noun, name in ACTS:
        for method in METHODS:
            answer: Any = getattr(clerk, method)(reverse("admin:board_act", args=[noun, name, "1"]), {"reason": "x"})
            assert answer.status_code == 403, f"{method} {noun} {name}"
    assert clerk.post(reverse("admin:nexus_approval_decide", args=[1])).status_code == 403


def test_a_page_opens_with_its_own_permission_and_with_no_other(cast):
    everything_of(cast)
    user, clerk = staff()
    permissions = Permission.objects.select_related("content_type")
    every = {f"{one.content_type.app_label}.{one.codename}": one for one in permissions}
    for name, url in urls():
        if name in OPENED and OPENED[name] <= every.keys() and not name.endswith(("_change", "_history", "_delete")):
            opens = OPENED[name] | {
                one.replace(".view_", ".change_") for one in OPENED[name]
            }  # who may change may look
            user.user_permissions.set([every[one] for one in OPENED[name]])
            assert clerk.get(url).status_code == 200, url
            user.user_permissions.set([one for key, one in every.items() if key not in opens])
            assert clerk.get(url).status_code == 403, url


def test_what_is_only_shown_is_written_by_nobody(cast):
    everything_of(cast)
    root = Client(raise_request_exception=False)
    root.force_login(User.objects.create_superuser("root", password="correct horse battery"))
    for name, url in urls():
        if OPENED.get(name) == {"nobody's"}:
            assert {getattr(root, method)(url).status_code for method in METHODS} == {403}, url

"""Webhooks: what would never be asked, or can be no kind, is refused before anything is kept."""

from __future__ import annotations

import json

import pytest

from apps.webhooks.models import Subscription
from tests.support.people import Cast, a_cast

pytestmark = pytest.mark.django_db
HOOKS = "/api/v2/webhooks"


@pytest.fixture
def cast() -> Cast:
    return a_cast()


BAD = [
    "", "x", "ftp://example.com/", "http://example.com/", "https://user:p@example.com/", "https://127.0.0.1/",
    "https://2130706433/", "https://0177.0.0.1/", "https://[::ffff:169.254.169.254]/", "https://127.1/",
    "https://localhost./", "https://xn--pple-43d.com/", "https://example.com:6379/", "https://169.254.169.254/latest",
    "https://example.com/\u0000", "https://exa\ud800mple.com/", "https://example.com/" + "x" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("url", BAD, ids=lambda url: repr(url[:40]))
def test_what_would_never_be_asked_is_refused(cast, url):
    answer = cast.alice.post(HOOKS, json.dumps({"url": url, "kinds": ["*"], "project": "acme"}).encode())

    assert answer.status_code in (400, 422), answer.content
    assert "#/url" in {one["pointer"] for one in answer.json()["errors"]} or answer.json()["code"] == "not_text"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("kinds", [[], ["run"], ["Run.completed"], ["run.*.x"], ["%"], ["run_completed"], ["a" * 101]])
def test_what_can_be_no_kind_is_refused(cast, kinds):
    answer = cast.alice.post(HOOKS, {"url": "https://example.com/", "kinds": kinds, "project": "acme"})
    assert answer.status_code in (400, 422)

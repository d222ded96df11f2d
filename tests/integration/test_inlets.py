"""Inlets: what another system says becomes an order, once, when it proves who it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.support.people import Cast, a_cast
from tests.support.rivals import Rival, wait_until_blocked
from workorders.inlets import taking
from workorders.models import Arrival, Inlet, WorkOrder

pytestmark = pytest.mark.django_db
INLETS = "/api/v2/inlets"
SAID = {"alert": {"name": "disk full", "hosts": ["a", "b"], "load": 0.5}, "n": None}


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def made(cast: Cast, proof: str = "standard", message: str = "Look into {{ alert.name }}", **given: Any) -> Any:
    answer = cast.alice.post(
        INLETS, {"name": "Alerts", "proof": proof, "order": {"message": message}, "project": "acme", **given}
    )  # fmt: skip
    assert answer.status_code == 201, answer.content
    return answer.json()


def signed(inlet: Any, body: bytes, *, id: str = "m1", at: float | None = None, secret: str = "") -> dict[str, str]:
    """As another system signs, by its own lights."""
    key = base64.b64decode((secret or inlet["secret"]).removeprefix("whsec_"))
    told = str(int(time.time() if at is None else at))
    proof = base64.b64encode(hmac.digest(key, f"{id}.{told}.".encode() + body, hashlib.sha256)).decode()
    return {"webhook-id": id, "webhook-timestamp": told, "webhook-signature": f"v1,{proof}"}


def post(inlet: Any, headers: dict[str, str], body: bytes) -> Any:
    client = Client(raise_request_exception=False)
    return client.post(inlet["path"], body, content_type="application/json", headers=headers)


def test_a_signed_message_becomes_an_order_once(cast):
    inlet, body = (
        made(cast, message="Look into {{ alert.name }} on {{alert.hosts.1}}{{ n }}{{ x.y }}"),
        json.dumps(SAID).encode(),
    )

    first, again = post(inlet, signed(inlet, body), body), post(inlet, signed(inlet, body), body)

    order = WorkOrder.objects.get()
    assert (first.status_code, first.json()) == (201, {"order": order.public_id, "again": False})
    assert (again.status_code, again.json()) == (200, {"order": order.public_id, "again": True})
    assert order.message == "Look into disk full on b"
    assert order.files == [{"name": "message.json", "content": body.decode()}]
    assert (order.project, order.requester) == (cast.acme, "alice")


@pytest.mark.parametrize("proof", ["github", "token"])
def test_other_ways_to_prove_it(cast, proof):
    inlet, body = made(cast, proof), b'{"a": 1}'
    if proof == "github":
        digest = hmac.new(inlet["secret"].encode(), body, hashlib.sha256).hexdigest()
        right = {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": "d1"}
        wrong = {**right, "X-Hub-Signature-256": "sha256=" + "0" * 64}
    else:
        right = {"Authorization": f"Bearer {inlet['secret']}", "Idempotency-Key": "d1"}
        wrong = {**right, "Authorization": "Bearer whsec_x"}

    assert post(inlet, wrong, body).json()["code"] == "not_proved"
    assert post(inlet, right, body).status_code == 201
    assert post(inlet, right, body).status_code == 200
    without = {name: value for name, value in right.items() if value != "d1"}
    assert (post(inlet, without, body).status_code, post(inlet, without, body).json()["code"]) == (
        400,
        "no_delivery_id",
    )
    assert WorkOrder.objects.count() == 1


def test_what_is_not_proved_is_not_read(cast):
    inlet, other, body = made(cast), made(cast), b'{"a": 1}'
    right = signed(inlet, body)
    refused = {
        "nothing": {},
        "another inlet's secret": signed(inlet, body, secret=other["secret"]),
        "another body": signed(inlet, b'{"a": 2}'),
        "too old": signed(inlet, body, at=time.time() - 301),
        "too new": signed(inlet, body, at=time.time() + 301),
        "another id": {**right, "webhook-id": "m2"},
        "no time": {**right, "webhook-timestamp": ""},
        "a time that is none": {**right, "webhook-timestamp": "9" * 40},
        "no signature": {**right, "webhook-signature": ""},
        "rubbish": {**right, "webhook-signature": "v1,é, v1 ," + "x" * 5_000},
    }
    for name, headers in refused.items():
        answer = post(inlet, headers, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_proved"), name
    assert post(inlet, refused["nothing"], b"[" * 200_000).json()["code"] == "not_proved"
    assert not WorkOrder.objects.exists()
    assert not Arrival.objects.exists()

    both = {**right, "webhook-signature": f"v1,AAAA {right['webhook-signature']}"}
    assert post(inlet, both, body).status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":1,"a":2}', b'"\\u0000"', b"[" * 100_000, b'{"a": NaN}'])
def test_what_is_proved_and_is_no_json_is_refused(cast, body):
    inlet = made(cast)

    answer = post(inlet, signed(inlet, body), body)

    assert answer.status_code == 400, answer.content
    assert not Arrival.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"null", b'{"alert": [1, {"name": 2.5}]}'])
def test_any_json_fills_what_it_can(cast, body):
    inlet = made(cast, message="Look {{ alert.1.name }}")

    assert post(inlet, signed(inlet, body), body).status_code == 201
    assert WorkOrder.objects.get().message in ("Look ", "Look 2.5")


@pytest.mark.django_db(transaction=True)
def test_the_same_message_twice_at_once_is_one_order(cast):
    inlet = Inlet.objects.select_related("project").get(public_id=made(cast)["id"])

    def take() -> taking.Taken:
        return taking.take(inlet, delivery_id="m1", message={}, text="{}")

    with transaction.atomic():
        first = take()
        second = Rival(take)
        second.start()
        wait_until_blocked()
    assert (second.ended().order, second.ended().again) == (first.order, True)
    assert WorkOrder.objects.count() == 1


def test_a_message_that_could_not_be_filed_may_come_again(cast):
    inlet, body = made(cast, message="{{ text }}"), b'{"text": " "}'
    refused = post(inlet, signed(inlet, body), body)
    assert (refused.status_code, refused.json()["code"]) == (422, "order_invalid")
    assert not Arrival.objects.exists()


def test_a_new_secret_ends_the_old_one_and_an_inlet_that_is_off_is_not_there(cast):
    inlet, body = made(cast), b"{}"
    new = cast.alice.post(f"{INLETS}/{inlet['id']}/rotate").json()["secret"]

    assert post(inlet, signed(inlet, body), body).status_code == 401
    assert post(inlet, signed(inlet, body, secret=new), body).status_code == 201
    off = cast.bob.client.patch(f"{INLETS}/{inlet['id']}", b'{"enabled": false}', content_type="application/json")
    assert off.json()["enabled"] is False
    assert post(inlet, signed(inlet, body, secret=new), body).status_code == 404
    assert "secret" not in cast.bob.get(f"{INLETS}/{inlet['id']}").json()
    assert cast.bob.client.delete(f"{INLETS}/{inlet['id']}").status_code == 204

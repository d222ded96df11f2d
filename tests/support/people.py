"""The cast: Alice owns the project acme, Bob is on her team, Charlie must see nothing of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from apps.accounts.issuing import issue
from apps.accounts.models import Membership, Role, User
from workorders.models import Project, WorkOrder

ORDERS = "/api/v2/work-orders"


@dataclass(frozen=True)
class Person:
    """Somebody with an API key."""

    user: User
    token: str

    @property
    def client(self) -> Client:
        """A client that carries the key."""
        return bearer(self.token)

    def get(self, path: str, **headers: str) -> Any:
        """GET with the key."""
        return self.client.get(path, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST `body` as JSON with the key; bytes go as they are."""
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        return self.client.post(path, raw, content_type="application/json", headers=headers)

    def files(self, message: str = "Compare three message brokers", **given: Any) -> str:
        """File an order; return its id."""
        answer = self.post(ORDERS, {"message": message, **given})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])


@dataclass(frozen=True)
class Cast:
    """Everybody, and their projects."""

    acme: Project
    umbra: Project
    alice: Person
    bob: Person
    charlie: Person


def bearer(token: str) -> Client:
    """A client that carries `token`. What the server would answer is what comes back, a 500 included."""
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


def a_person(name: str, project: Project, role: Role, *, bound_to: Project | None = None, **key: Any) -> Person:
    """A new user with a key, as a member of `project`."""
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, project=project, role=role)
    return Person(user, str(issue(user=user, name="test", project=bound_to, **key).token))


def a_cast() -> Cast:
    """Everybody, fresh."""
    acme = Project.objects.create(slug="acme", name="Acme")
    umbra = Project.objects.create(slug="umbra", name="Umbra")
    return Cast(
        acme=acme,
        umbra=umbra,
        alice=a_person("alice", acme, Role.OWNER),
        bob=a_person("bob", acme, Role.EDITOR),
        charlie=a_person("charlie", umbra, Role.OWNER),
    )


def order(public_id: str) -> WorkOrder:
    """The row of an order, as it is now."""
    return WorkOrder.objects.select_related("run").get(public_id=public_id)

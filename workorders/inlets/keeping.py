"""Make an inlet, change it, give it a new secret."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings

from nexus.transactions import requires_transaction
from workorders import sealed, templates
from workorders.models import Project

from .errors import InletInvalid
from .models import Inlet
from .proving import SECRETS

PURPOSE = "inlet secrets"


@requires_transaction
def make(*, project: Project, name: str, proof: str, template: Mapping[str, Any], actor: str = "") -> tuple[Inlet, str]:
    """Keep an inlet and return it with its secret, which is shown this once. Raise InletInvalid, OrderInvalid."""
    Project.objects.select_for_update().get(pk=project.pk)  # two at once would both be the last that fits
    if Inlet.objects.filter(project=project).count() >= settings.NEXUS_INLETS_PER_PROJECT:
        raise InletInvalid("The project has as many inlets as it may")
    secret = _drawn()
    row = Inlet.objects.create(
        public_id=f"inlet-{uuid4()}", project=project, name=name, proof=proof, template=templates.kept(template),
        sealed=sealed.seal(secret, purpose=PURPOSE), created_by=actor,
    )  # fmt: skip
    return row, secret


@requires_transaction
def change(inlet: Inlet, given: Mapping[str, Any]) -> None:
    """Change what is given: name, is_on, template."""
    fields = {name: given[name] for name in ("name", "is_on") if name in given}
    if "template" in given:
        fields["template"] = templates.kept(given["template"])
    if fields:
        Inlet.objects.filter(pk=inlet.pk).update(**fields)


@requires_transaction
def renew(inlet: Inlet) -> str:
    """Draw a new secret and return it, this once. The old one proves nothing from the commit on."""
    secret = _drawn()
    Inlet.objects.filter(pk=inlet.pk).update(sealed=sealed.seal(secret, purpose=PURPOSE))
    return secret


def secret_of(inlet: Inlet) -> str:
    """What messages are proved with."""
    return sealed.opened(inlet.sealed, purpose=PURPOSE)


def _drawn() -> str:
    return SECRETS + base64.b64encode(os.urandom(32)).decode()

"""Inlets: what comes in, what goes out, and both filled in."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers as s

from workorders.models import Inlet

from . import templates
from .answers import Shape
from .fields import Flag, StrictSerializer, Text

ID = "inlet-1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11"
ORDER = {"message": "Look into {{ alert.name }}", "files": [], "acceptance": []}
INLET = {
    "id": ID, "project": "default", "name": "Alerts", "proof": "standard", "enabled": True, "order": ORDER,
    "path": f"/api/inlets/{ID}", "created_by": "ada", "created_at": "2026-02-17T09:30:00.120000+00:00",
}  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # noqa: S105 - nobody's
ASKED = OpenApiExample(
    "Alerts", value={"name": "Alerts", "order": {"message": "Look into {{ alert.name }}"}}, request_only=True
)
CHANGED = OpenApiExample("Switch it off", value={"enabled": False}, request_only=True)
ONE = OpenApiExample("The inlet", value=INLET, response_only=True)
MADE = OpenApiExample("The inlet, and its secret", value={**INLET, "secret": SECRET}, response_only=True)
LIST = OpenApiExample("A page", value={"results": [INLET], "next": None, "previous": None}, response_only=True)
SAID = OpenApiExample("A message", value={"alert": {"name": "disk full"}}, request_only=True)
TAKEN = OpenApiExample("Its order", value={"order": "WO-20260217-0001", "again": False}, response_only=True)
PROOFS = [one.value for one in Inlet.Proof]


class InletOut(Shape):
    """An inlet."""

    id = s.CharField()
    project = s.CharField()
    name = s.CharField()
    proof = s.ChoiceField(PROOFS)
    enabled = s.BooleanField()
    path = s.CharField(help_text="Where messages are posted.")
    order = templates.Template()
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()


class InletWithSecret(InletOut):
    """An inlet, and the secret that is shown this once."""

    secret = s.CharField(allow_null=True, help_text="Shown once; null where this answer is a repeated one.")


class InletPage(Shape):
    """A page of inlets."""

    results = InletOut(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Taken(Shape):
    """What a message became."""

    order = s.CharField()
    again = s.BooleanField(help_text="It had come before.")


class InletIn(StrictSerializer):
    """An inlet to be."""

    name = Text(max_length=120)
    proof = s.ChoiceField(
        PROOFS, required=False, default="standard",
        help_text="`standard`: signed as Standard Webhooks has it; `github`: as GitHub does; `token`: the secret.",
    )  # fmt: skip
    order = templates.TemplateIn(help_text="Its message may have {{ places }} that a message fills.")
    project = s.SlugField(max_length=64, required=False, help_text="As for work orders.")


class InletChange(StrictSerializer):
    """What shall be different."""

    name = Text(max_length=120, required=False)
    order = templates.TemplateIn(required=False)
    enabled = Flag(required=False)

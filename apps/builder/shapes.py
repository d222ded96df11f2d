"""What comes in. Limits stand beside the fields they limit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.api.fields import Flag, Integer, StrictSerializer, Text

from . import contracts
from .models import LARGEST_REQUIREMENT, SMALLEST_REQUIREMENT
from .states import FROM, AgentStatus

KINDS = ("local", "agentcore")
LARGEST_INPUT = 50_000
LARGEST_METADATA = 20_000


class Metadata(serializers.DictField):
    """Any JSON object that is not large."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Refuse what is larger than anybody reads."""
        value = super().run_validation(data)
        if len(str(value)) > LARGEST_METADATA:
            raise serializers.ValidationError(_("Metadata has at most 20000 characters."), "too_long")
        return value


class Tags(serializers.ListField):
    """A few short words."""

    def __init__(self, **options: Any) -> None:
        """At most twenty."""
        super().__init__(child=Text(max_length=50), max_length=20, **options)


class ProjectIn(StrictSerializer):
    """Somebody wants an agent."""

    requirement = Text(
        min_length=SMALLEST_REQUIREMENT, max_length=LARGEST_REQUIREMENT, help_text="What the agent is wanted for."
    )
    project_name = Text(max_length=100, required=False, help_text="By default the first words of the requirement.")
    priority = Integer(min_value=1, max_value=5, required=False, default=3, help_text="Higher first; 3 is normal.")
    tags = Tags(required=False)
    deployment_type = serializers.ChoiceField(KINDS, required=False, default="local")
    deploy = Flag(required=False, help_text="false: the agent is built, and not deployed.")
    project = serializers.SlugField(
        max_length=64, required=False, help_text="Slug of the project that pays; by default the caller's only one."
    )


class ControlIn(StrictSerializer):
    """Something that a project is told."""

    action = serializers.ChoiceField(sorted(FROM))
    reason = Text(max_length=500, required=False, allow_blank=True, default="")
    from_stage = Text(
        max_length=64, required=False, default="", allow_blank=True,
        help_text="Of `restart`: this stage and all later ones are done again; by default from where it stopped.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A stage says where to restart, and nothing else."""
        if attrs["from_stage"] and attrs["action"] != "restart":
            raise serializers.ValidationError({"from_stage": [_("Only a restart begins at a stage.")]}, "invalid")
        return attrs


class InvokeIn(StrictSerializer):
    """Something that an agent is asked."""

    input = Text(max_length=LARGEST_INPUT)
    session_id = serializers.RegexField(r"\A[A-Za-z0-9][A-Za-z0-9._:-]*\Z", max_length=41, required=False, default="")
    metadata = Metadata(required=False)
    wait_seconds = Integer(
        min_value=0, max_value=60, required=False, default=30,
        help_text="How long the answer is waited for; then 202 with the task.",
    )  # fmt: skip


class AgentIn(StrictSerializer):
    """What is changed of an agent; what is not named stays."""

    display_name = Text(max_length=200, required=False)
    description = Text(max_length=5_000, required=False, allow_blank=True)
    category = serializers.ChoiceField(contracts.CATEGORIES, required=False)
    version = Text(max_length=32, required=False)
    status = serializers.ChoiceField(
        [AgentStatus.RUNNING.value, AgentStatus.OFFLINE.value], required=False,
        help_text="offline: nobody can invoke it or talk with it until it is running again.",
    )  # fmt: skip
    capabilities = serializers.ListField(child=Text(max_length=500), max_length=50, required=False)
    tags = Tags(required=False)
    system_prompt = Text(max_length=50_000, required=False)
    role = Text(max_length=32, required=False, help_text="The role whose model it uses, such as `intern`.")

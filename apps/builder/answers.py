"""What goes out, described."""

from __future__ import annotations

from functools import cache
from typing import Any

from rest_framework import serializers as s

from apps.api.answers import Shape
from apps.api.numbered import Numbers
from apps.api.session_answers import Envelope

from .shapes import KINDS
from .states import AgentStatus, JobStatus, ProjectStatus, StageStatus

PROJECT_STATUSES = [status.value for status in ProjectStatus]
STAGE_STATUSES = [status.value for status in StageStatus]
AGENT_STATUSES = [status.value for status in AgentStatus]
INVOCATION_STATUSES = ["success", "failed"]
JOB_STATUSES = [status.value for status in JobStatus]


class BuildTotals(Shape):
    """What a project took so far."""

    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    cost_usd = s.CharField(help_text="From the ledger: each request at its own model's price.")
    tool_calls = s.IntegerField()
    completed_stages = s.IntegerField()
    total_stages = s.IntegerField()


class BuildProjectOut(Shape):
    """A project that builds an agent."""

    project_id = s.CharField()
    project_name = s.CharField()
    status = s.ChoiceField(PROJECT_STATUSES)
    requirement = s.CharField()
    user_id = s.CharField()
    user_name = s.CharField(allow_blank=True)
    project = s.CharField(help_text="The slug of the project that pays.")
    priority = s.IntegerField()
    tags = s.ListField(child=s.CharField())
    deployment_type = s.ChoiceField(KINDS)
    progress = s.FloatField(help_text="Per cent of the stages.")
    current_stage = s.CharField(allow_null=True)
    error_info = s.DictField(allow_null=True)
    waiting_for = s.CharField(allow_null=True, help_text="What a person has to do, where one is waited for.")
    intent = s.DictField(allow_null=True)
    restarts = s.IntegerField()
    metrics = BuildTotals()
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    started_at = s.DateTimeField(allow_null=True)
    completed_at = s.DateTimeField(allow_null=True)


class LogLine(Shape):
    """Something that a stage says."""

    at = s.DateTimeField(allow_null=True)
    level = s.CharField()
    message = s.CharField()


class BuildStageOut(Shape):
    """A stage of a build."""

    stage_name = s.CharField()
    stage_number = s.IntegerField()
    display_name = s.CharField()
    status = s.ChoiceField(STAGE_STATUSES)
    agent_name = s.CharField(allow_blank=True)
    started_at = s.DateTimeField(allow_null=True)
    completed_at = s.DateTimeField(allow_null=True)
    duration_seconds = s.FloatField(allow_null=True)
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    cost_usd = s.CharField()
    tool_calls = s.IntegerField()
    output_data = s.DictField()
    artifact_paths = s.ListField(child=s.CharField())
    error_message = s.CharField(allow_null=True)
    logs = LogLine(many=True)


class DashboardStage(Shape):
    """A stage on the dashboard."""

    name = s.CharField()
    display_name = s.CharField()
    order = s.IntegerField()
    status = s.ChoiceField(STAGE_STATUSES)
    started_at = s.DateTimeField(allow_null=True)
    completed_at = s.DateTimeField(allow_null=True)
    duration_seconds = s.FloatField(allow_null=True)
    error = s.CharField(allow_null=True)
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    tool_calls = s.IntegerField()
    cost_usd = s.CharField()
    doc_path = s.CharField(allow_null=True)
    artifact_paths = s.ListField(child=s.CharField())
    efficiency_rating = s.ChoiceField(["high", "normal", "low"], allow_null=True)


class BuildMetrics(Shape):
    """What a build took, all stages together."""

    total_duration_seconds = s.FloatField()
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    tool_calls = s.IntegerField()
    total_tools = s.IntegerField()
    cost_input_usd = s.CharField()
    cost_output_usd = s.CharField()
    cost_total_usd = s.CharField()
    pricing_model = s.CharField(allow_blank=True, help_text="The models that it was paid to.")
    successful_stages = s.IntegerField()
    failed_stages = s.IntegerField()


class Dashboard(Shape):
    """A build on one page."""

    project_id = s.CharField()
    project_name = s.CharField()
    status = s.ChoiceField(PROJECT_STATUSES)
    progress = s.FloatField()
    requirement = s.CharField()
    stages = DashboardStage(many=True)
    total_stages = s.IntegerField()
    completed_stages = s.IntegerField()
    updated_at = s.DateTimeField()
    metrics = BuildMetrics()
    error_info = s.DictField(allow_null=True)


class AgentOut(Shape):
    """An agent that was built."""

    agent_id = s.CharField()
    project_id = s.CharField(allow_null=True)
    agent_name = s.CharField()
    display_name = s.CharField(allow_blank=True)
    project = s.CharField()
    description = s.CharField(allow_blank=True)
    category = s.CharField()
    version = s.CharField()
    status = s.ChoiceField(AGENT_STATUSES)
    deployment_type = s.ChoiceField(KINDS)
    agentcore_config = s.DictField()
    capabilities = s.ListField(child=s.CharField())
    tools = s.ListField(child=s.CharField())
    tags = s.ListField(child=s.CharField())
    prompt_path = s.CharField(allow_blank=True)
    code_path = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()
    deployed_at = s.DateTimeField(allow_null=True)


class AgentWhole(AgentOut):
    """An agent, with what it is made of."""

    system_prompt = s.CharField(allow_blank=True)
    code = s.CharField(allow_blank=True)
    role = s.CharField(allow_blank=True, help_text="The role whose model it uses; empty: the installation's.")


class InvocationOut(Shape):
    """An agent was asked something."""

    invocation_id = s.CharField()
    agent_id = s.CharField()
    session_id = s.CharField(allow_null=True)
    user_id = s.CharField(allow_blank=True)
    input = s.CharField()
    output = s.CharField(allow_blank=True)
    status = s.ChoiceField(INVOCATION_STATUSES)
    duration_ms = s.IntegerField()
    input_tokens = s.IntegerField()
    output_tokens = s.IntegerField()
    cost_usd = s.CharField()
    error_message = s.CharField(allow_null=True)
    metadata = s.DictField()
    created_at = s.DateTimeField()


class JobOut(Shape):
    """What was asked of the workers."""

    task_id = s.CharField()
    task_type = s.ChoiceField(["build_agent", "deploy_agent", "invoke_agent"])
    project_id = s.CharField(allow_null=True)
    agent_id = s.CharField(allow_null=True)
    status = s.ChoiceField(JOB_STATUSES)
    priority = s.IntegerField()
    payload = s.DictField()
    result = s.DictField(allow_null=True)
    error_message = s.CharField(allow_null=True)
    retry_count = s.IntegerField()
    created_at = s.DateTimeField()
    started_at = s.DateTimeField(allow_null=True)
    completed_at = s.DateTimeField(allow_null=True)
    worker_id = s.CharField(allow_null=True)


class Gone(Shape):
    """What was deleted."""

    id = s.CharField()
    deleted = s.BooleanField()


@cache
def enveloped(shape: type[Shape], *, many: bool = False) -> type[Shape]:
    """`shape` in its envelope."""
    name = shape.__name__.removesuffix("Out") + ("List" if many else "") + "Envelope"
    return type(name, (Envelope,), {"__doc__": shape.__doc__, "__module__": __name__, "data": shape(many=many)})


@cache
def paged(shape: type[Shape]) -> type[Shape]:
    """A page of `shape` in its envelope."""
    fields: dict[str, Any] = {"data": shape(many=True), "pagination": Numbers()}
    name = shape.__name__.removesuffix("Out") + "NumberedPage"
    return type(name, (Envelope,), {"__doc__": shape.__doc__, "__module__": __name__, **fields})

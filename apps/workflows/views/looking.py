"""What a workflow would do, before it is carried out."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import parameters
from apps.api.answers import Shape
from apps.api.fields import StrictSerializer, Text
from apps.api.schema import problems
from apps.workflows import changing, examples, reach, simulating, starting
from apps.workflows.models import WorkflowDefinition


class SimulateIn(StrictSerializer):
    """What would be asked."""

    workflow = Text(max_length=100)
    text = Text(max_length=50_000)
    project = Text(max_length=64, required=False)


class PromptTold(Shape):
    """What a stage would be asked."""

    stage = s.CharField()
    role = s.CharField(allow_null=True)
    system = s.CharField()
    prompt = s.CharField()
    contract = s.DictField(allow_null=True, required=False)
    tokens = s.IntegerField()
    tools = s.ListField(child=s.CharField())
    missing_tools = s.ListField(child=s.CharField())
    max_tokens = s.IntegerField(allow_null=True, required=False)


class QuoteTold(Shape):
    """What it would cost."""

    usual_usd = s.CharField()
    most_usd = s.CharField()
    basis = s.CharField()
    samples = s.IntegerField()


class KnowledgeTold(Shape):
    """What it knows."""

    checksum = s.CharField(allow_null=True)
    missing = s.ListField(child=s.CharField())


class Simulated(Shape):
    """Graph, prompts, quote."""

    workflow = s.CharField()
    version = s.IntegerField()
    graph = s.ListField(child=s.DictField())
    prompts = PromptTold(many=True)
    quote = QuoteTold()
    knowledge = KnowledgeTold()


class Simulate(APIView):
    """No model is asked."""

    @extend_schema(
        operation_id="simulateWorkflow",
        summary="Show what a workflow would do, and what it would cost",
        description="Its graph, the prompt of each stage with its places filled, a quote. No model is asked.",
        request=SimulateIn,
        responses={200: Simulated, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[
            examples.given("A question", {"workflow": "rise", "text": "How do I renew my identity card?"}),
            examples.answered("What it would do", examples.SIMULATED),
        ],
    )
    def post(self, request: Request) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        asked = SimulateIn(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        row = starting.find(reach.to_change(request, given.get("project")), given["workflow"])
        return Response(_simulated(row, given["text"]))


def _simulated(row: WorkflowDefinition, text: str) -> dict[str, object]:
    starting.snapshot(row)
    return simulating.simulated(row, changing.stages_of(row.project, row.body), text=text)

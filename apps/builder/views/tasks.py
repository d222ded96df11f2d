"""What was asked of workers."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import envelope, parameters
from apps.api.schema import problems
from apps.builder import answers, examples, finding, showing


class OneTask(APIView):
    """One of them."""

    @extend_schema(
        operation_id="getTask",
        summary="Show where a task stands",
        responses={200: answers.enveloped(answers.JobOut), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("The task", examples.JOB)],
    )
    def get(self, request: Request, task_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(showing.jobs([finding.job(request, task_id)])[0]))

"""What a request would cost, before it is filed."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api import answers, examples_money, parameters
from apps.api.schema import problems
from apps.api.shapes import QuoteIn
from workorders import quoting


class Quotes(APIView):
    """A message in, a quote out; nothing is kept."""

    @extend_schema(
        operation_id="quote",
        summary="Ask what a request would cost",
        description=(
            "From what orders like it have cost in this installation, at least ten of them; else from the list price. "
            "The request is judged by rule: no model is asked, and nothing is spent."
        ),
        request=QuoteIn,
        responses={200: answers.Quote, **problems(400, 401, 403, 413, 415, 422, 503)},
        examples=[examples_money.QUOTE_IN, examples_money.QUOTE],
    )
    def post(self, request: Request) -> Response:
        """Quote it."""
        parameters.only(request.query_params, ())
        asked = QuoteIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(quoting.of_message(asked.validated_data["message"]).wire())

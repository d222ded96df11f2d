"""What OpenAPI says of the API as a whole: who the caller is, what problems look like, parameters that recur."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from billing.budgets import KINDS
from workorders.states import OrderState

from .answers import Problem

WHEN = {
    400: "The request is not valid; `errors` says where.",
    401: "No key, or one that is not valid.",
    402: "A budget does not allow it.",
    403: "The key or the member may not do this.",
    404: "It does not exist, or not for this caller.",
    409: "Not in this state, or a request with this Idempotency-Key is in progress.",
    412: "It has changed since it was read.",
    413: "The body is larger than 2 MB.",
    415: "The body is not JSON in UTF-8.",
    422: "Well-formed, but it cannot be done: `code` says why.",
    500: "It went wrong; `code` says what.",
    503: "The database does not answer; `Retry-After` says when to ask again.",
}


def problems(*statuses: int) -> dict[Any, Any]:
    """The problem responses of an operation."""
    return {(status, "application/problem+json"): OpenApiResponse(Problem, WHEN[status]) for status in statuses}


def query(name: str, description: str, kind: Any = OpenApiTypes.INT, **options: Any) -> OpenApiParameter:
    """A parameter of the query."""
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


PAGE_SIZE = query("page_size", "Rows per page, 1 to 200.", default=50)
CURSOR = query("cursor", "From `next` or `previous` of a page.", OpenApiTypes.STR)
STATUS = query("status", "Only orders in this state.", OpenApiTypes.STR, enum=[state.value for state in OrderState])
PROJECT = query("project", "Only orders of the project with this slug.", OpenApiTypes.STR)
AFTER = query("after", "Only events with a higher seq.", default=0)
LIMIT = query("limit", "At most so many events, 1 to 1000; of the JSON answer only.", default=1000)
BUDGET_KIND = query("kind", "Only budgets of this kind.", OpenApiTypes.STR, enum=list(KINDS))
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters. The same key and body: the same answer, and one order.",
    examples=[OpenApiExample("A UUID", value="1d1e4c2e-7a55-4f1c-9a3f-0f6a2f0a9c11")],
)
LAST_EVENT_ID = OpenApiParameter(
    "Last-Event-ID", OpenApiTypes.INT, OpenApiParameter.HEADER, description="As `after`, and stronger; of streams only."
)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the package has few types
    """`Authorization: Bearer nx_…`."""

    target_class = "apps.accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """An HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "nx_<id>_<secret>"}

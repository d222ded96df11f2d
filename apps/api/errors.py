"""What the API itself refuses. Each carries its status, its code and, where there is one, the place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException


class Refusal(APIException):
    """A problem at one place of the request."""

    status_code = 400
    default_code = "bad_request"

    def __init__(self, detail: object = None, code: str | None = None, pointer: str | None = None) -> None:
        """`pointer` is `#/…` in the body, `?name` in the query, `header:Name` in the headers."""
        super().__init__(detail, code)  # type: ignore[arg-type]
        self.pointer = pointer


class BadBody(Refusal):
    """The body cannot be read as one JSON object."""

    default_code = "invalid_json"


class BodyTooLarge(Refusal):
    """The body is larger than the server takes."""

    status_code = 413
    default_detail = _("The body is larger than 2 MB.")
    default_code = "body_too_large"


class BadParameter(Refusal):
    """A query parameter is not known, or has a value that is not."""

    default_code = "bad_parameter"


class BadHeader(Refusal):
    """A header has a value that it cannot have."""

    default_code = "bad_header"


class UnknownWorkflow(Refusal):
    """The named workflow does not exist."""

    status_code = 422
    default_detail = _("There is no workflow of this name.")
    default_code = "unknown_workflow"


class UnknownProject(Refusal):
    """The named project does not exist for this caller."""

    status_code = 404
    default_detail = _("There is no such project.")
    default_code = "unknown_project"


class ReadOnlyMember(Refusal):
    """The caller may read the project, not change it."""

    status_code = 403
    default_detail = _("Viewers of a project read; owners and editors change.")
    default_code = "read_only_member"


class NotAnOwner(Refusal):
    """The caller belongs to the project, and does not own it."""

    status_code = 403
    default_detail = _("Owners of a project say who belongs to it.")
    default_code = "not_an_owner"


class SlugTaken(Refusal):
    """Another project has this slug."""

    status_code = 409
    default_detail = _("Another project has this slug.")
    default_code = "slug_taken"


class KeyReused(Refusal):
    """The Idempotency-Key came before with another request."""

    status_code = 422
    default_detail = _("This Idempotency-Key was used for another request. A new request needs a new key.")
    default_code = "idempotency_key_reused"


class StillInProgress(Refusal):
    """A request with this Idempotency-Key is being answered right now."""

    status_code = 409
    default_detail = _("A request with this Idempotency-Key is in progress. Ask again in a moment.")
    default_code = "idempotency_in_progress"
    wait = 1

"""The API of webhooks."""

from __future__ import annotations

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import orders, pages, parameters
from apps.api.idempotency import Answer, once, shown_once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, PROJECT, problems, query

from . import answers, examples, finding, secrets, subscribing
from .shapes import WebhookChange, WebhookIn

STATE = query("state", "Only deliveries in this state.", OpenApiTypes.STR, enum=answers.STATES)


class Webhooks(APIView):
    """The webhooks of the caller's projects."""

    @extend_schema(
        operation_id="listWebhooks",
        summary="List webhooks, newest first",
        parameters=[PAGE_SIZE, CURSOR, PROJECT],
        responses={200: answers.WebhookPage, **problems(400, 401, 403, 503)},
        examples=[examples.LIST],
    )
    def get(self, request: Request) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", "project"))
        page = pages.cut(finding.seen_by(request), request, of="webhooks")
        found = [answers.webhook(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="createWebhook",
        summary="Be told of a project's events",
        description="What happens from now on is posted to the URL, signed as Standard Webhooks has it.",
        parameters=[IDEMPOTENCY_KEY],
        request=WebhookIn,
        responses={201: answers.WebhookWithSecret, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[examples.ASKED, examples.OPENED],
    )
    def post(self, request: Request) -> Response:
        """Open it; the secret is shown this once."""
        parameters.only(request.query_params, ())
        asked = WebhookIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return shown_once(request, lambda: _opened(request, dict(asked.validated_data)))


class OneWebhook(APIView):
    """One webhook."""

    @extend_schema(
        operation_id="getWebhook",
        summary="Show a webhook",
        responses={200: answers.Webhook, **problems(400, 401, 403, 404, 503)},
        examples=[examples.ONE],
    )
    def get(self, request: Request, hook_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(answers.webhook(finding.find(request, hook_id)))

    @extend_schema(
        operation_id="changeWebhook",
        summary="Change a webhook, or switch it off and on",
        description=(
            "Switched on again, it is told what happened meanwhile, from where it stopped; with `skip_missed` only of "
            "what happens from now on."
        ),
        request=WebhookChange,
        responses={200: answers.Webhook, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[examples.CHANGED, examples.ONE],
    )
    def patch(self, request: Request, hook_id: str) -> Response:
        """Change what is given."""
        parameters.only(request.query_params, ())
        asked = WebhookChange(data=request.data)
        asked.is_valid(raise_exception=True)
        with transaction.atomic():
            subscribing.change(finding.find_to_change(request, hook_id), asked.validated_data)
        return Response(answers.webhook(finding.find(request, hook_id)))

    @extend_schema(
        operation_id="deleteWebhook",
        summary="Delete a webhook, its deliveries and its secrets",
        responses={204: None, **problems(400, 401, 403, 404, 503)},
    )
    def delete(self, request: Request, hook_id: str) -> Response:
        """Delete it."""
        parameters.only(request.query_params, ())
        finding.find_to_change(request, hook_id).delete()
        return Response(status=204)


class Rotate(APIView):
    """A new secret."""

    @extend_schema(
        operation_id="rotateWebhookSecret",
        summary="Give a webhook a new secret",
        description="For a day every delivery carries two signatures: of the new secret, and of the one before.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: answers.WebhookWithSecret, **problems(400, 401, 403, 404, 409, 422, 503)},
        examples=[examples.OPENED],
    )
    def post(self, request: Request, hook_id: str) -> Response:
        """Rotate; the secret is shown this once."""
        parameters.only(request.query_params, ())
        found = finding.find_to_change(request, hook_id)

        def rotated() -> tuple[Answer, dict[str, str]]:
            return Answer(200, {**answers.webhook(found), "secret": None}), {"secret": secrets.renew(found)}

        return shown_once(request, rotated)


class Ping(APIView):
    """Try it."""

    @extend_schema(
        operation_id="pingWebhook",
        summary="Send a webhook.ping, to see whether it arrives",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={201: answers.WebhookDelivery, **problems(400, 401, 403, 404, 409, 422, 503)},
        examples=[examples.SENT_ONE],
    )
    def post(self, request: Request, hook_id: str) -> Response:
        """Send it; what came of it stands in the deliveries."""
        parameters.only(request.query_params, ())
        found, who = finding.find_to_change(request, hook_id), request.user.get_username()
        return once(request, lambda: Answer(201, answers.delivery(subscribing.ping(found, actor=who))))


class Deliveries(APIView):
    """What was sent to one webhook."""

    @extend_schema(
        operation_id="listWebhookDeliveries",
        summary="List what was sent to a webhook, newest first",
        parameters=[PAGE_SIZE, CURSOR, STATE],
        responses={200: answers.WebhookDeliveryPage, **problems(400, 401, 403, 404, 503)},
        examples=[examples.DELIVERIES],
    )
    def get(self, request: Request, hook_id: str) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size", "state"))
        state = parameters.one_of(request.query_params, "state", answers.STATES)
        rows = finding.find(request, hook_id).deliveries.all()
        page = pages.cut(rows.filter(standing=state) if state else rows, request, of=f"deliveries of {hook_id}")
        found = [answers.delivery(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})


class OneDelivery(APIView):
    """One delivery."""

    @extend_schema(
        operation_id="getWebhookDelivery",
        summary="Show what was sent, and every answer to it",
        responses={200: answers.WebhookDeliveryInFull, **problems(400, 401, 403, 404, 503)},
        examples=[examples.DELIVERY],
    )
    def get(self, request: Request, hook_id: str, message_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return Response(answers.in_full(finding.delivery_of(finding.find(request, hook_id), message_id)))


class Redeliver(APIView):
    """Once more."""

    @extend_schema(
        operation_id="redeliverWebhook",
        summary="Send something again, under the same webhook-id",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={200: answers.WebhookDelivery, **problems(400, 401, 403, 404, 409, 422, 503)},
        examples=[examples.SENT_ONE],
    )
    def post(self, request: Request, hook_id: str, message_id: str) -> Response:
        """Send it; what is being tried already is left to that."""
        parameters.only(request.query_params, ())
        found = finding.delivery_of(finding.find_to_change(request, hook_id), message_id)

        def again() -> Answer:
            subscribing.redeliver(found)
            found.refresh_from_db()
            return Answer(200, answers.delivery(found))

        return once(request, again)


def _opened(request: Request, given: dict[str, object]) -> tuple[Answer, dict[str, str]]:
    caller = caller_of(request)
    project = orders.project_of(orders.reach_of(caller), given.pop("project", None))  # type: ignore[arg-type]
    opened, secret = subscribing.subscribe(project=project, actor=caller.user.get_username(), **given)  # type: ignore[arg-type]
    opened.refresh_from_db()
    body = {**answers.webhook(opened), "secret": None}
    return Answer(201, body, f"/api/v2/webhooks/{opened.public_id}"), {"secret": secret}

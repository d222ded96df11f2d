"""What webhooks refuse."""

from __future__ import annotations

from nexus.errors import NexusError


class WebhookInvalid(NexusError):
    """This webhook cannot be kept as it is."""

    code = "webhook_invalid"


class TooManyWebhooks(NexusError):
    """The project has as many webhooks as it may."""

    code = "too_many_webhooks"


class WebhookDisabled(NexusError):
    """The webhook is disabled: nothing is sent to it until it is switched on."""

    code = "webhook_disabled"

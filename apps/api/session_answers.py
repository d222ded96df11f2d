"""What goes out of conversations and files, described."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers as s

from agents.attachments.models import Attachment
from agents.sessions.models import Message, Session

from .answers import Shape, Tokens

SESSION_STATUSES = [status.value for status in Session.Status]
MESSAGE_STATUSES = [status.value for status in Message.Status]
KINDS = [kind.value for kind in Attachment.Kind]
BUSY = [policy.value for policy in Session.Busy]
SPEAKERS = ["user", "assistant", "system"]


class SessionOut(Shape):
    """A conversation."""

    session_id = s.CharField()
    agent_id = s.CharField()
    project = s.CharField()
    user_id = s.CharField(allow_blank=True)
    display_name = s.CharField(allow_blank=True)
    status = s.ChoiceField(SESSION_STATUSES)
    busy = s.BooleanField(help_text="Whether a message is being answered.")
    busy_policy = s.ChoiceField(BUSY, allow_null=True)
    message_count = s.IntegerField()
    created_at = s.DateTimeField()
    last_active_at = s.DateTimeField()
    metadata: Any = s.DictField()
    cost_usd = s.CharField()
    tokens = Tokens()


class FileOfMessage(Shape):
    """A file that came with a message."""

    file_id = s.CharField()
    filename = s.CharField()
    kind = s.ChoiceField(KINDS)


class MessageOut(Shape):
    """Something that was said."""

    message_id = s.CharField(help_text="A ULID: it sorts by time.")
    session_id = s.CharField()
    role = s.ChoiceField(SPEAKERS)
    content = s.CharField(allow_blank=True)
    status = s.ChoiceField(MESSAGE_STATUSES)
    answers = s.CharField(allow_null=True, help_text="The message that it answers.")
    created_at = s.DateTimeField()
    metadata: Any = s.DictField()
    files = FileOfMessage(many=True)


class AttachmentOut(Shape):
    """A file as it was kept."""

    file_id = s.CharField()
    filename = s.CharField()
    kind = s.ChoiceField(KINDS)
    content_type = s.CharField()
    size = s.IntegerField()
    sha256 = s.CharField()
    width = s.IntegerField(allow_null=True)
    height = s.IntegerField(allow_null=True)
    transcript = s.CharField(allow_null=True)
    created_at = s.DateTimeField()
    url = s.CharField()


class AttachmentIn(Shape):
    """A form with a file."""

    file = s.FileField()
    project = s.SlugField(required=False)


class Pagination(Shape):
    """Where the neighbours of a page are."""

    limit = s.IntegerField()
    total = s.IntegerField()
    has_next = s.BooleanField()
    has_prev = s.BooleanField()
    next = s.CharField(allow_null=True)
    previous = s.CharField(allow_null=True)


class Envelope(Shape):
    """Around every answer."""

    success = s.BooleanField()
    message = s.CharField(allow_blank=True)
    timestamp = s.DateTimeField()
    request_id = s.CharField()


class SessionEnvelope(Envelope):
    """A conversation in its envelope."""

    data: Any = SessionOut()


class MessageEnvelope(Envelope):
    """A message in its envelope."""

    data: Any = MessageOut()


class AttachmentEnvelope(Envelope):
    """A file in its envelope."""

    data: Any = AttachmentOut()


class SessionPage(Envelope):
    """A page of conversations."""

    data: Any = SessionOut(many=True)
    pagination = Pagination()


class MessagePage(Envelope):
    """A page of messages."""

    data: Any = MessageOut(many=True)
    pagination = Pagination()

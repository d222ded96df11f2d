"""What can be asked of accounts, updates and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from .models import Account, Message, Update  # noqa: F401


class AccountQuerySet(models.QuerySet["Account"]):
    """Questions about accounts."""

    def live(self) -> Self:
        """Those that can be told something: their user is active, and they have not stopped the bot."""
        return self.filter(user__is_active=True, blocked_at__isnull=True).select_related("user")


class UpdateQuerySet(models.QuerySet["Update"]):
    """Questions about updates."""

    def waiting(self) -> Self:
        """Those that were not handled, oldest first."""
        return self.filter(handled_at__isnull=True).order_by("update_id")

    def due(self) -> Self:
        """Those whose time has come; one that is tried again holds up the later ones of its chat."""
        earlier = self.model._default_manager.filter(
            handled_at__isnull=True, chat_id=OuterRef("chat_id"), update_id__lt=OuterRef("update_id")
        )
        return self.waiting().filter(~Exists(earlier), due_at__lte=Now())


class MessageQuerySet(models.QuerySet["Message"]):
    """Questions about messages."""

    def unsaid(self) -> Self:
        """Those of which Telegram shows another version, or none."""
        return self.filter(given_up_at__isnull=True).exclude(shown=F("version"))

    def sayable(self) -> Self:
        """The next one of each chat that may be written to now: new ones first, in their order, then changed ones."""
        from .models import Chat

        quiet = Chat.objects.filter(chat_id=OuterRef("chat_id"), free_at__gt=Now())
        due = self.unsaid().filter(Q(due_at__lte=Now()), ~Exists(quiet))
        return due.order_by("chat_id", F("number").desc(nulls_first=True), "id").distinct("chat_id")

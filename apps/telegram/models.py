"""What is stored of people on Telegram, of what came from there and of what is said there."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .querysets import AccountQuerySet, MessageQuerySet, UpdateQuerySet


class Account(models.Model):
    """Somebody on Telegram, and the user they are here."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="telegram_accounts")
    telegram_id = models.BigIntegerField(unique=True)
    """Theirs, and that of the private chat with them."""
    username = models.CharField(max_length=64, blank=True, default="")
    language = models.CharField(max_length=16, default="en")
    workflow = models.CharField(max_length=100, blank=True, default="")
    """What new requests are made to; none: triage decides."""
    linked_at = models.DateTimeField(db_default=Now())
    blocked_at = models.DateTimeField(null=True, blank=True)
    """When they stopped the bot, as long as they have not started it again."""

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("Telegram account")
        verbose_name_plural = _("Telegram accounts")

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.telegram_id} {self.username}".strip()


class LinkCode(models.Model):
    """What somebody sends the bot to say who they are. Kept as a hash, good once."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.user_id} until {self.expires_at}"


class Offset(models.Model):
    """How far a bot's updates were fetched."""

    bot = models.BigIntegerField(primary_key=True)
    next_update = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.bot}: {self.next_update}"


class Update(models.Model):
    """Something that happened on Telegram."""

    update_id = models.BigIntegerField(primary_key=True)
    chat_id = models.BigIntegerField(null=True)
    payload: models.JSONField[Any, Any] = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveSmallIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    objects = UpdateQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("update_id",), condition=Q(handled_at__isnull=True), name="telegram_updates_that_wait"
            ),
            models.Index(fields=("received_at",), name="telegram_updates_by_age"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return str(self.update_id)


class Chat(models.Model):
    """When a chat may be written to again."""

    chat_id = models.BigIntegerField(primary_key=True)
    free_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """For the admin."""
        return str(self.chat_id)


class Message(models.Model):
    """Something to be said in a chat, and what of it Telegram shows. Written by outbox.py alone."""

    class Kind(models.TextChoices):
        """What it is about, for whoever replies to it."""

        WORDS = "words"
        ORDER = "order"
        QUESTION = "question"
        APPROVAL = "approval"
        REASON = "reason"

    chat_id = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.WORDS)
    ref = models.CharField(max_length=64, blank=True, default="")
    """The order or the approval."""
    text = models.TextField()
    """HTML. Of a file: what stands below it."""
    buttons: models.JSONField[Any, Any] = models.JSONField(default=list)
    """[label, data] each."""
    wants_reply = models.BooleanField(default=False)
    reply_to = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=120, blank=True, default="")
    file_body = models.TextField(blank=True, default="")
    number = models.BigIntegerField(null=True)
    """Telegram's, once it was sent."""
    version = models.PositiveIntegerField(default=1)
    shown = models.PositiveIntegerField(default=0)
    """The version that Telegram shows."""
    due_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveIntegerField(default=0)
    given_up_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("chat_id", "id"), condition=Q(given_up_at__isnull=True) & ~Q(shown=F("version")),
                name="telegram_messages_to_be_said",
            ),
            models.Index(fields=("created_at",), name="telegram_messages_by_age"),
        )  # fmt: skip
        constraints = (
            models.UniqueConstraint(
                fields=("chat_id", "number"), condition=Q(number__isnull=False), name="telegram_numbers_a_message_once"
            ),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.chat_id}/{self.number or '–'}"


class Following(models.Model):
    """An order whose live message is kept true."""

    order = models.ForeignKey("workorders.WorkOrder", on_delete=models.CASCADE, related_name="+")
    chat_id = models.BigIntegerField()
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    seen = models.BigIntegerField(default=0)
    """The seq that the message tells of."""
    asked = models.CharField(max_length=64, blank=True, default="")
    """The hash of the question that was put."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("order", "chat_id"), name="telegram_follows_an_order_once"),)
        indexes = (
            models.Index(fields=("order",), condition=Q(ended_at__isnull=True), name="telegram_follows_these"),
            models.Index(fields=("chat_id", "-id"), name="telegram_followed_last"),
        )

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.order_id} in {self.chat_id}"


class Announced(models.Model):
    """An approval that was brought before people."""

    approval = models.OneToOneField("nexus.Approval", on_delete=models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """For the admin."""
        return str(self.approval_id)


class Card(models.Model):
    """An approval as one person sees it: to decide, or to read."""

    approval = models.ForeignKey("nexus.Approval", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    decides = models.BooleanField()
    hash = models.CharField(max_length=64)
    """Of what it shows."""
    votes = models.IntegerField(default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("approval", "account"), name="telegram_shows_an_approval_once"),)
        indexes = (models.Index(fields=("approval",), condition=Q(closed_at__isnull=True), name="telegram_open_cards"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.approval_id} for {self.account_id}"


class Button(models.Model):
    """What a press means. Its token says nothing; it is good once, for one person in one chat, and for a time."""

    token = models.CharField(max_length=64, unique=True)
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="buttons")
    word = models.CharField(max_length=16, choices=[("approve", "approve"), ("reject", "reject")])
    hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """For the admin; not the token."""
        return f"{self.word} {self.card_id}"


class Reason(models.Model):
    """Somebody who rejected has still to say why."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="+")
    approval = models.ForeignKey("nexus.Approval", on_delete=models.CASCADE, related_name="+")
    hash = models.CharField(max_length=64)
    button = models.ForeignKey(Button, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.account_id} about {self.approval_id}"


class Notice(models.Model):
    """Somebody of the Board was told that a task waits for people."""

    task = models.ForeignKey("nexus.Task", on_delete=models.CASCADE, related_name="+")
    fence = models.BigIntegerField()
    """Its execution: it may be blocked once more."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=("task", "fence"), name="telegram_tells_the_board_once"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.task_id}/{self.fence}"


class Call(models.Model):
    """Somebody of the Board was told that they are called to an order."""

    run = models.ForeignKey("nexus.Run", on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField()
    """Of the event by which they were: it may happen once more."""

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "seq"), name="telegram_calls_the_board_once"),)

    def __str__(self) -> str:
        """For the admin."""
        return f"{self.run_id}/{self.seq}"

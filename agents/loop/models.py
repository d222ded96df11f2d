"""A conversation of a task, and its turns: what a worker that takes over goes on from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Talk(models.Model):
    """A conversation: how it began, and with which tools. It is not changed afterwards."""

    task_id = models.BigIntegerField()
    step = models.PositiveIntegerField()
    """Of its first question; each turn of the model is a step more."""
    run_id = models.BigIntegerField()
    role = models.CharField(max_length=32)
    system = models.TextField(blank=True)
    opening = models.JSONField()
    """The turns that it began with."""
    offers = models.JSONField()
    """The tools as the model is told of them, for all of the conversation."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("task_id", "step"), name="a_step_begins_one_conversation"),)
        indexes = (models.Index(fields=("run_id",), name="talks_by_run"),)

    def __str__(self) -> str:
        """Name the task and who speaks."""
        return f"{self.task_id}: {self.role}"


class TalkTurn(models.Model):
    """What one side said at once, after the opening. Written once, never changed."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    speaker = models.CharField(max_length=9)
    blocks = models.JSONField()
    answer = models.JSONField(null=True)
    """Of the model's turns: who it was, why it ended, what it took."""
    about = models.CharField(max_length=120, blank=True, default="")
    """The checkpoint whose decision this is the words of."""
    seconds = models.FloatField(default=0.0)
    """That it took."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("talk", "number"), name="a_conversation_numbers_its_turns"),
            models.CheckConstraint(
                condition=Q(speaker="assistant", answer__isnull=False) | Q(speaker="user", answer__isnull=True),
                name="a_turn_of_the_model_says_what_it_took",
            ),
        )

    def __str__(self) -> str:
        """Name the turn."""
        return f"{self.talk_id}.{self.number} {self.speaker}"

"""What an act is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import HttpRequest

from .forms import Why

Fact = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an act is done to, as the dialog shows it."""

    title: str
    back: str
    """The page that it stands on."""
    facts: Sequence[Fact] = ()
    text: str = ""
    """What is decided about, in full."""
    parts: Sequence[Fact] = ()
    """The same, where it has names: each stands for itself, so that no text can look like another."""
    order: str = ""
    project: str = ""
    initial: dict[str, Any] = field(default_factory=dict)
    row: Any = None


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing that a person of the Board may do to something."""

    noun: str
    name: str
    title: Any
    permission: str
    action: str
    """What the audit log calls it when it was refused; a success is written by the database itself."""
    find: Callable[[str], Target | None]
    do: Callable[[Target, HttpRequest, dict[str, Any]], Any]
    """Do it; what is returned is said to the person, where it is text."""
    explains: Any = ""
    form: type[forms.Form] = Why
    is_grave: bool = False
    """It ends something."""

    def is_open_to(self, request: HttpRequest) -> bool:
        """May this person do it?"""
        return bool(request.user.has_perm(self.permission))

"""What is filled in before an act."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from agents.providers import endpoints

LONGEST = 2_000


def _words(label: Any, *, required: bool, at_most: int = LONGEST, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=at_most, widget=UnfoldAdminTextareaWidget(attrs={"rows": rows})
    )


class Why(forms.Form):
    """A reason, where somebody likes to give one."""

    reason = _words(_("Reason"), required=False)


class Because(Why):
    """A reason, without which it is not done."""

    reason = _words(_("Reason"), required=True)


class Answer(forms.Form):
    """What is said to a question."""

    reason = _words(_("Answer"), required=True, at_most=20_000, rows=6)


class Decide(Why):
    """An approval of what was seen."""

    hash = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class DecideBecause(Because):
    """A refusal of what was seen, or another go at it."""

    hash = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class DecideByAnswer(Answer):
    """An answer to what was seen."""

    hash = forms.RegexField(r"\A[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class Limit(Because):
    """A new limit."""

    limit_usd = forms.DecimalField(
        label=_("New limit, in USD"), min_value=Decimal("0.000000001"), max_value=1_000_000, decimal_places=9,
        max_digits=16, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    field_order = ("limit_usd", "reason")


def _providers() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(endpoints.known())]


class Key(forms.Form):
    """A provider's key: written, and never shown again."""

    provider = forms.ChoiceField(label=_("Provider"), choices=_providers, widget=UnfoldAdminSelectWidget)
    key = forms.CharField(
        label=_("The provider's key"), min_length=8, max_length=500, strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_key(self) -> str:
        """What a header can carry."""
        key: str = self.cleaned_data["key"]
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise forms.ValidationError(_("A key is printable ASCII without spaces."))
        return key

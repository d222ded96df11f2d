"""What a person fills in before a failure is driven again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agents.models import Role
from workorders.mending import Mend

CHANGES = ("role", "model", "budget_usd", "max_attempts", "priority")


def _roles() -> list[tuple[str, Any]]:
    return [
        ("", _("as it is")),
        *((name, name) for name in Role.objects.order_by("name").values_list("name", flat=True)),
    ]


class Change(forms.Form):
    """The same change for every task of the failure; what is left empty stays as it is. A reason is always asked."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=_roles, widget=UnfoldAdminSelectWidget)
    model = forms.CharField(label=_("Model"), required=False, max_length=128, widget=UnfoldAdminTextInputWidget)
    budget_usd = forms.DecimalField(
        label=_("Budget of the order, in USD"), required=False, min_value=0, max_value=1_000_000, max_digits=16,
        decimal_places=9, widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    max_attempts = forms.IntegerField(
        label=_("Attempts at most"), required=False, min_value=1, max_value=100, widget=UnfoldAdminIntegerFieldWidget
    )
    priority = forms.IntegerField(
        label=_("Priority"), required=False, min_value=0, max_value=10, widget=UnfoldAdminIntegerFieldWidget
    )
    input = forms.JSONField(
        label=_("Input, as JSON: laid over each task's own"), required=False, widget=UnfoldAdminTextareaWidget
    )
    rate = forms.IntegerField(
        label=_("Tasks per minute"), required=False, min_value=1, max_value=6_000, widget=UnfoldAdminIntegerFieldWidget
    )
    one = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_budget_usd(self) -> Any:
        """A budget of nothing is none."""
        if self.cleaned_data["budget_usd"] == 0:
            raise forms.ValidationError(_("An amount is above 0 and at most 1000000."))
        return self.cleaned_data["budget_usd"]

    def clean_input(self) -> dict[str, Any]:
        """Names and values."""
        given = self.cleaned_data["input"]
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise forms.ValidationError(_("An input is a JSON object."))
        return given

    def mend(self) -> Mend:
        """What was asked for."""
        said = {name: self.cleaned_data[name] for name in CHANGES if self.cleaned_data[name] not in (None, "")}
        return Mend(input=self.cleaned_data["input"], **said)

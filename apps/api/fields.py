"""Fields that convert nothing: a number is not a text, "5" is not 5, true is not 1."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agents.checks.kinds import ChecksInvalid, read

MONEY = re.compile(r"[0-9]{1,7}(\.[0-9]{1,9})?", re.ASCII)
MOST_MONEY = Decimal(1_000_000)
FINEST = -9
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a name may not hold: control, direction, halves of pairs, unassigned."""
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not know, and tells every error at once."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values, or raise with the errors of all fields."""
        errors: dict[str, Any] = {}
        if isinstance(data, Mapping):
            strange = [key for key in data if key not in self.fields]
            errors = {
                key: [serializers.ErrorDetail(gettext("This field is not known."), "unknown_field")] for key in strange
            }
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            errors = {**error.detail, **errors}
        if errors:
            raise serializers.ValidationError(errors)
        return values


class Text(serializers.CharField):
    """A string that is not blank, kept as it was sent."""

    def __init__(self, **options: Any) -> None:
        """As CharField, without its trimming."""
        super().__init__(trim_whitespace=False, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Refuse what is only white space, where blank is not allowed."""
        if isinstance(data, str) and not self.allow_blank and not data.strip():
            self.fail("blank")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        """Only strings are strings."""
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Integer(serializers.IntegerField):
    """A whole number that was sent as one."""

    def to_internal_value(self, data: Any) -> int:
        """Neither "5" nor 5.0 nor true."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """true or false; no word for either is converted."""

    def to_internal_value(self, data: object) -> bool:
        """As it came."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class FileName(Text):
    """A relative path that means the same on every machine."""

    default_error_messages = {
        "unsafe": _("A file name is a relative path without '..', control characters or names that systems reserve."),
    }

    def to_internal_value(self, data: Any) -> str:
        """Refuse; never repair: a repaired name may be another file's."""
        name = super().to_internal_value(data)
        if not is_safe_name(name):
            self.fail("unsafe")
        return name


def is_safe_name(name: str) -> bool:
    """Is `name` a relative path of plain segments?"""
    if any(unicodedata.category(sign) in UNSAFE for sign in name) or re.search(r'[\\:*?"<>|]', name):
        return False
    return all(_is_safe_segment(segment) for segment in name.split("/"))


def _is_safe_segment(segment: str) -> bool:
    if segment in ("", ".", "..") or segment != segment.strip() or segment.endswith("."):
        return False
    return len(segment.encode()) <= 255 and not RESERVED.fullmatch(segment)


class Money(serializers.Field[Decimal, Any, str, Any]):
    """US dollars above 0, to a billionth: a decimal string, or a number."""

    default_error_messages = {
        "invalid": _('An amount is a decimal string such as "2.50", or a number.'),
        "range": _("An amount is above 0 and at most 1000000."),
        "precision": _("An amount has at most 9 decimal places."),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        """Return the amount with the digits it was sent with."""
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        if isinstance(data, str) and not MONEY.fullmatch(data):
            self.fail("invalid")
        amount = Decimal(data)
        if not 0 < amount <= MOST_MONEY:
            self.fail("range")
        if int(amount.normalize().as_tuple().exponent) < FINEST:
            self.fail("precision")
        return amount

    def to_representation(self, value: Decimal) -> str:
        """Money is a decimal string on the wire."""
        return str(value)


class Criterion(serializers.Field[Any, Any, Any, Any]):
    """What the result must satisfy: a sentence, or a check that a machine can decide."""

    default_error_messages = {"invalid": _("A criterion is a text, or a check: an object with a kind.")}

    def to_internal_value(self, data: Any) -> str | dict[str, Any]:
        """Return it as it was sent."""
        if isinstance(data, str):
            return _CRITERION_TEXT.run_validation(data)  # type: ignore[no-any-return]
        if not isinstance(data, Mapping):
            self.fail("invalid")
        if "by" in data:
            raise serializers.ValidationError({"by": [gettext("This field is not known.")]}, "unknown_field")
        try:
            return dict(read(data))
        except ChecksInvalid as refusal:
            raise _placed(refusal) from None

    def to_representation(self, value: Any) -> Any:
        """As it was sent."""
        return value


def _placed(refusal: ChecksInvalid) -> serializers.ValidationError:
    """The refusal, under the field that it is about."""
    said: Any = [serializers.ErrorDetail(str(refusal), refusal.code)]
    for step in reversed(str(refusal.facts.get("pointer", "")).split("/")[1:]):
        said = {step: said}
    return serializers.ValidationError(said)


_CRITERION_TEXT = Text(max_length=2_000)

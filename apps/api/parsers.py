"""Strict JSON, for DRF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from .errors import BadBody, BodyTooLarge
from .strict_json import NotStrict, loads


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes, nothing doubtful in it."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the object, or raise the problem with a pointer."""
        request = (parser_context or {})["request"]
        refuse_encodings(request.META, media_type or "")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge
        if not raw.strip():
            return {}
        try:
            value = loads(raw)
        except NotStrict as flaw:
            raise BadBody(flaw.detail, flaw.code, flaw.pointer) from None
        if not isinstance(value, dict):
            raise BadBody("The body must be one JSON object.", "not_an_object", "#")
        return value


def refuse_encodings(meta: Mapping[str, Any], media_type: str) -> None:
    """Raise 415 for a body that is compressed or in another alphabet than UTF-8."""
    if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() not in ("", "identity"):
        raise _unsupported(_("Send the body uncompressed."), "unsupported_encoding")
    charset = media_type.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise _unsupported(_("Send the body in UTF-8."), "unsupported_charset")


def _unsupported(detail: Any, code: str) -> APIException:
    return UnsupportedMediaType("", detail=detail, code=code)

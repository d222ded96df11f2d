"""JSON is what there is: an Accept header that asks for something else is answered in JSON too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class AlwaysJSON(DefaultContentNegotiation):
    """A browser or a download tool that accepts no JSON is better served by it than by a 406."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, Any]:
        """The first renderer, always."""
        first = next(iter(renderers))
        return first, first.media_type

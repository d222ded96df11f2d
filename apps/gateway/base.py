"""What all views beneath /v1 have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.views import APIView

from . import errors


class OpenAIView(APIView):
    """A view whose errors are OpenAI's."""

    def get_exception_handler(self) -> Callable[..., Any]:
        """Their form."""
        return errors.problem

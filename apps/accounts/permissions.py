"""Scopes, as DRF asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from .access import caller_of
from .models import ORDERS_READ, ORDERS_WRITE

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it reads the settings that name this module


class ScopeOfMethod(BasePermission):
    """Reading asks for orders:read, everything else for orders:write."""

    message = "The API key lacks the scope that this needs: orders:read to read, orders:write to change."
    code = "missing_scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Does the caller's key carry the scope of the method?"""
        return caller_of(request).has(ORDERS_READ if request.method in SAFE_METHODS else ORDERS_WRITE)

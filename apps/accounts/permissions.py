"""Scopes, as DRF asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from .access import caller_of
from .models import ORDERS_READ, ORDERS_WRITE

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it reads the settings that name this module


def Board(permission: str) -> type[BasePermission]:  # noqa: N802 - it makes a class
    """Make the permission of a view for the Board: users who were given `permission`, by a key of no single project."""

    class GivenTo(BasePermission):
        """Was it given to the caller?"""

        message = f"This is for the Board: it needs the permission {permission}, and a key that no project binds."
        code = "board_only"

        def has_permission(self, request: Request, view: APIView) -> bool:
            """Is it the Board that asks?"""
            caller = caller_of(request)
            unbound = caller.key is None or caller.key.project_id is None
            return unbound and caller.user.is_active and caller.user.has_perm(permission)

    return GivenTo


class ScopeOfMethod(BasePermission):
    """Reading asks for orders:read, everything else for orders:write, or what the view names as its `write_scope`."""

    message = (
        "The API key lacks the scope that this needs: orders:read to read, orders:write to change, access:write to "
        "give out keys and memberships."
    )
    code = "missing_scope"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Does the caller's key carry the scope of the method?"""
        changing: str = getattr(view, "write_scope", ORDERS_WRITE)
        return caller_of(request).has(ORDERS_READ if request.method in SAFE_METHODS else changing)

"""Where Django looks for the pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from . import approvals, audit, conversations, machinery, money, orders, people, tools, versions

__all__ = [
    "approvals", "audit", "conversations", "machinery", "money", "orders", "people", "tools", "versions",
]  # fmt: skip

# Django's own page for groups can be written to.
admin.site.unregister(Group)

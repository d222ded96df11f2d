"""Where Django looks for the pages."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from . import approvals, machinery, money, orders, people, tools

__all__ = ["approvals", "machinery", "money", "orders", "people", "tools"]

# Django's own page for groups can be written to.
admin.site.unregister(Group)

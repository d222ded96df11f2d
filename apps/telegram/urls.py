"""Where its doors are, beneath /api/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from .views import Accounts, Codes, OneAccount
from .webhook import Webhook

urlpatterns: list[URLPattern | URLResolver] = [
    path("telegram/webhook", Webhook.as_view(), name="telegram-webhook"),
    path("telegram/codes", Codes.as_view(), name="telegram-codes"),
    path("telegram/accounts", Accounts.as_view(), name="telegram-accounts"),
    path("telegram/accounts/<int:id>", OneAccount.as_view(), name="telegram-account"),
]

"""The doors of apps/telegram."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.people import Cast

from . import SECRET, Door, guarded, lists, own, shared


def a_phone(cast: Cast) -> Mapping[str, object]:
    """Alice on Telegram."""
    from apps.telegram.models import Account

    return {"id": Account.objects.get_or_create(user=cast.alice.user, telegram_id=42, username=SECRET)[0].pk}


DOORS: dict[str, Door] = {
    "api/telegram/webhook": guarded(says={"update_id": 1}),
    "api/telegram/codes": shared(),
    "api/telegram/accounts": lists(),
    "api/telegram/accounts/<int:id>": own(a_phone),
}

"""What is refused on Telegram."""

from __future__ import annotations

from nexus.errors import NexusError


class NoToken(NexusError):
    """TELEGRAM_BOT_TOKEN is not set, or is no token of a bot."""

    code = "telegram_token_missing"


class CodeInvalid(NexusError):
    """This code is not known, was used, or is too old: get another."""

    code = "telegram_code_invalid"


class FileOutOfReach(NexusError):
    """Telegram does not hand this file over: it is larger than 20 MB, or gone."""

    code = "telegram_file_out_of_reach"


class MayOnlyRead(NexusError):
    """You may see this order, and not change it."""

    code = "telegram_may_only_read"


class NotLikeThis(NexusError):
    """What was said cannot be done; the message says what to say instead."""

    code = "telegram_not_like_this"


class HandledAlready(NexusError):
    """Somebody else has handled this update."""

    code = "telegram_update_handled"

"""Settings of apps/telegram."""

from __future__ import annotations

from config.env import env

TELEGRAM_BOT_TOKEN = env.str("TELEGRAM_BOT_TOKEN", default="")
# Another server that speaks the Bot API: one's own, or the sandbox.
TELEGRAM_API_URL = env.str("TELEGRAM_API_URL", default="https://api.telegram.org")
# What Telegram has to bring with every update. Without one /api/telegram/webhook takes nothing.
TELEGRAM_WEBHOOK_SECRET = env.str("TELEGRAM_WEBHOOK_SECRET", default="")
# Seconds between two edits of one message, and between two messages of a chat: Telegram allows a message a second.
TELEGRAM_EDIT_EVERY = env.float("TELEGRAM_EDIT_EVERY", default=3.0)
TELEGRAM_WRITE_EVERY = env.float("TELEGRAM_WRITE_EVERY", default=1.0)

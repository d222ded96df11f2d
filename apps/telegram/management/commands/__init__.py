"""`telegram_bot`, `telegram_webhook` and `telegram_code`."""

"""Tables of the bot."""

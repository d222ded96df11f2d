"""Telegram's Bot API, spoken to whoever brings a token: nothing is sent to anybody.

    api.py        `/bot<token>/<method>` and `/file/bot<token>/<path>`: read, journal, fail as scripted, answer
    reading.py    what a call says: form, multipart, JSON or query
    methods.py    the methods, one function each
    shapes.py     users, chats, messages and files as the API writes them
    markup.py     HTML and MarkdownV2 read as Telegram reads them, or refused in its words (pure)
    polling.py    getUpdates: held open, confirmed by its offset, one at a time
    webhook.py    updates sent to an address, again until it takes them
    world.py      everything that is remembered
    control.py    what a test may do as a person: write, send files, press, block; and see what was said

Promises
    Refusals have Telegram's status, its wording and its parameters.
    Every call is in the journal, with what it said and what was answered, in order.
    An update is handed out until it is confirmed; a control can have it handed out once more.
"""

"""The bot: messages become work orders, buttons become decisions.

    models.py       the tables
    people.py       who is who: one-time codes, accounts, what an account may see and do

    polling.py      updates fetched from Telegram, kept with the offset
    webhook.py      updates that Telegram brings, kept if its secret is right
    inbox.py        updates as rows, each handled once
    hearing.py      one update: whose it is and what becomes of it
    writing.py      a message: an order, an answer, or a reason
    files.py        photos, voice notes and documents of a message
    albums.py       several that were sent together
    commands.py     /status and the others, as a table
    told.py         what the commands that only read answer
    presses.py      a button

    following.py    the live message of an order, and its results
    approvals.py    who is asked to decide, with what buttons, and who is told
    notices.py      what stopped, and who is called: before the Board
    typing.py       "typing …" while somebody waits
    cards.py        orders and approvals as people read them
    markup.py       text for Telegram: escaped, cut, split (pure)

    outbox.py       what is to be said, as rows, and saying it: new, edited, at the pace that Telegram allows
    client.py       python-telegram-bot, for threads
    chores.py       what is forgotten in time
    bot.py          the process: one for a bot, by a lock in Postgres

Promises
    An update is handled once, however often it comes, and whoever dies meanwhile.
    What is said is a row before it is said: the last state of an order and every decision are told in the end.
    Nobody sees or decides here what they could not through the API.
"""

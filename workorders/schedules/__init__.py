"""Schedules: an order is filed by the clock.

    cron.py      five fields and a zone -> the next moment (pure)
    models.py    Schedule, Firing
    keeping.py   make one, change it
    firing.py    what is due is filed: once for each tick, however many dispatchers there are
    errors.py    what is refused

Promises
    A tick files one order or none, and its row says which: order, row and the next tick are one transaction.
    The database's clock says what is due; a zone's changes of the clock neither lose nor double a daily tick.
"""

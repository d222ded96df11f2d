"""Events: the append-only feed of a run, numbered from 1 without a gap.

    catalog.py   every kind of event the engine says
    models.py    Event
    querysets.py what can be asked
    append.py    say one, inside the caller's transaction
    complete.py  how far the whole table can be read without missing any
    door.py      through which door an act came
    read.py      a stretch of it, together with how far its run is
    hint.py      tell listeners, after the commit, that there is something new

Promises
    Every change of state appends its event in its own transaction.
    seq has no gap: it is taken from the run's row, which stays locked until the commit.
    A hint may be lost; the table is the truth.
"""

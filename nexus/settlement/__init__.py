"""Settlement: how an execution ends, and how people stop, hold and release a run.

    settle.py   an outcome -> one transition, with expansion and dead letter in the same transaction
    control.py  cancel, pause, resume, unpark, redrive
    regroup.py  every task that died of one failure, driven again
    hand_over.py  what is not done yet, given to somebody else

Promises
    Zero rows means fenced: the outcome is dropped and said aloud.
    A COMMIT that raised is ambiguous: the attempt is read again by its fence before anything is decided.
"""

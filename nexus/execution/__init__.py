"""Execution: a delivery from top to bottom.

    handlers.py      task type -> callable, queue, timeout: how domains plug in
    outcome.py       what a handler may answer (pure)
    context.py       what a handler is given
    retry.py         when to try again, if at all (pure)
    ending.py        an outcome or an exception -> how the execution ends
    heartbeat.py     one thread per process renews all its leases
    runner.py        claim, attempt, settle, go on
    celery_tasks.py  the Celery task: one call; and the signals of its worker

Promises
    A handler is called by one worker at a time; when it slept past its lease, its outcome is dropped.
    Whatever a handler does, the delivery ends with a settle or a lost lease, never with a raise.
"""

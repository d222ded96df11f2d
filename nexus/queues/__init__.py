"""Queues: which exist, what each is for, what travels.

    catalog.py   every queue: purpose and pool
    wire.py      names and shapes of messages
    keys.py      every Redis key and channel
    transport.py kombu's, but neither what cannot be read nor a failover ends a worker
    breaker.py   what does not answer is left alone for a moment
    leaving.py   after a failover nobody stays with the old master

Promises
    Queues are plain and direct: nothing depends on binding keys that a flush would take away.
    A message carries ids only.
"""

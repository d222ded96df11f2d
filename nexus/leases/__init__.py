"""Leases: who holds which task, until when.

    models.py   Lease: a narrow row, rewritten by every heartbeat
    renew.py    the heartbeat's statement; and a whole delivery's leases ended at once

Claim opens a lease and settle closes it, both in tasks/sql. Ending a lease is the rescuer's alone.

Promises
    A task has at most one lease (primary key).
    An expired lease is never extended.
    What refuses a late worker is not the lease but the fence on the task.
"""

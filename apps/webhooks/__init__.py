"""Signed deliveries to other systems: what happens to a project's work is told to the URLs that it names.

    models.py       Subscription, Secret, Delivery, Attempt
    secrets.py      whsec_…: drawn, kept sealed, two at a time while one takes over
    signing.py      the three headers of Standard Webhooks (pure)
    feeding.py      events -> deliveries: a cursor for each subscription, moved in the transaction that writes them
    sending.py      one attempt: signed, bounded, to a public address alone
    delivering.py   the engine's task: attempts, the waits between them, the end
    subscribing.py  open, change, close, rotate, try, send again
    chores.py       the dispatcher has it done; handlers.py: the task type
    answers.py      what the API says; examples.py: filled in; shapes.py: what it takes
    finding.py      one of them, for a caller; views.py: the API
    admin.py        the Board's pages

Promises
    An event that happened while a subscription was open is delivered at least once, or its delivery says why not:
    the cursor and the deliveries are one transaction, and no event can appear behind the cursor.
    Every attempt of a delivery carries the same webhook-id and the same body.
    Nothing inside the network is asked, no redirect is followed, and the log tells nothing of our network.
"""

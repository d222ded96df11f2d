"""/metrics: what Prometheus asks, in its own text format. docs/reference/metrics.md says what each name means.

    heard.py       ASGI: counts and times every HTTP request of this process
    counting.py    what is too dear to count at every scrape, counted now and then and kept
    chores.py      the dispatcher has it counted
    models.py      what is kept of it
    told.py        rows -> samples, by a fixed number of statements
    admission.py   who may ask
    view.py        GET /metrics

Promises
    A scrape asks the database the same few questions, however much is stored; a test counts them.
    Without the database the answer is still 200: nexus_database_up is 0, and requests are still told.
    No label holds what a client sent: routes are those of the code.
"""

"""The HTTP API of work orders: /api/v2, its problems, its health.

    body_limit.py    ASGI: a body is refused while it arrives, before anything spools it
    counter.py       ASGI: plain requests for work, many in one transaction, without a thread each
    handler.py       ASGI: one change of thread per request
    desks.py         ASGI: a fixed number of threads, each with its connection to Postgres
    middleware.py    a request's id; problems for what is raised outside DRF
    problems.py      every error -> application/problem+json
    strict_json.py   JSON that means one thing (pure); parsers.py gives it to DRF
    fields.py        fields that convert nothing
    shapes.py        what comes in; answers.py what goes out; examples.py both, filled in; *_money.py of money
    templates.py     orders that are filed later; schedule_shapes.py, inlet_shapes.py both ways
    rates.py         ASGI: so many requests for each key; allowance.py counts them in Redis
    owned.py         a project's row, for a caller
    letters.py       dead letters, both ways; approvals.py approvals
    parameters.py    query strings; pages.py cursor pages
    idempotency.py   one order per Idempotency-Key
    chores.py        old keys are forgotten
    orders.py        the one way to find and to file an order for a caller
    filing.py        requests that were found in order, written together; batches.py is the group commit
    known.py         who is behind a key, remembered for a second
    dressing.py      the headers that the middleware puts on an answer
    views/           four statements each
    health.py        what /readyz asks
    public.py        the routes that ask nobody who they are

Promises
    Whatever is sent, the answer to bad input is a 4xx problem with a code and a pointer, and nothing is stored.
    A database that does not answer is a 503 with Retry-After.
    Another project's order and an order that does not exist are answered with the same bytes.
"""

"""The feed of an order as it happens, for many readers at once.

    hub.py         one reader of Redis per process; it hands what is new to who waits, and wakes the rest
    reel.py        the newest events of a run, read once for all who listen to it here
    lines.py       what is told, in the form of each door, made once (pure)
    table.py       what is read from Postgres, on a few threads of its own
    feed.py        everything after a seq, in order, each once, and then what comes
    words.py       what a model writes: without a gap, from the beginning whenever one comes
    uses.py        what an agent does with its tools, for these (pure)
    talk.py        the answers of conversations, in frames of their own
    admission.py   who may listen, for both doors
    sse.py         the door for HTTP
    sockets.py     the door for WebSockets
    frames.py      many messages to a socket in one write
    origin.py      which pages may open a socket (pure)
    asgi.py        where the sockets are

Promises
    The table is the truth. A hint only says "look"; a hint that is lost costs two seconds, never an event.
    A reader that comes back with the last seq it saw gets the rest, without a gap and without a repeat.
    A revoked key or an ended session closes its streams within five seconds.
    A client that reads slowly costs no memory and holds nobody up: it reads the table again.
"""

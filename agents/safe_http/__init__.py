"""The one HTTP client for addresses that other people name: models, requesters, receivers of webhooks.

    urls.py        what a URL may look like (pure)
    addresses.py   which addresses are the public internet (pure)
    dialing.py     names to checked addresses, and a socket to one of them
    exchange.py    one request and its answer over one socket, within a time and a size
    bodies.py      what is unpacked, and how far (pure)
    client.py      the whole: check, connect, ask, follow redirects by hand
    errors.py      what is refused

Promises
    A connection goes to an address that was checked, and the name is looked up once: it cannot change in between.
    Every redirect is checked like the first address, and carries no credentials to another place.
    No time, size or unpacked size beyond its limits; no proxy of the environment.
"""

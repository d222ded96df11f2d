"""Who may: users, API keys, membership of projects.

    keys.py            the shape of a key and its digest (pure)
    models.py          User, Membership, ApiKey
    querysets.py       what can be asked of them
    issuing.py         issue and revoke a key
    authentication.py  a request's key -> its user, for DRF and for sockets
    permissions.py     scopes, as DRF asks for them
    access.py          which projects a caller may read and write

Promises
    A key's secret is stored nowhere: only its keyed digest is.
    Nothing that does not look like a key reaches the database.
    What a caller may not see does not exist for them.
"""

"""The machine room: a real Postgres and a real Valkey out of wheels, and the supervisor behind `bin/nexus up`.

    programs.py     what can be started: arguments, account, the signal it gets when its parent dies
    servers.py      start one server, wait until it really answers, stop it
    accounts.py     who runs Postgres when we are root, and where that user finds the binaries
    home.py         NEXUS_HOME: generated secrets, ports that stay, the state file, the lock
    ports.py        free ports on the loopback
    postgres.py     initdb once, then a server as our own child
    valkey.py       the same for Valkey
    processes.py    the processes of `up`, as data
    keeper.py       the small process that ends all others when the supervisor is killed
    supervisor.py   starts, watches, restarts and stops them

Promises
    Nothing here imports Django: it works before there is a database.
    Every server listens on 127.0.0.1 only and asks for a generated password.
    No folder outside NEXUS_HOME is opened to others.
    Whatever ends the process that started a server ends the server too.
"""

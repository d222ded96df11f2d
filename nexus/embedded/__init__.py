"""The machine room: a real Postgres and a real Valkey out of wheels, and the supervisor behind `bin/nexus up`.

    home.py         NEXUS_HOME: generated secrets, ports that stay
    ports.py        free ports on the loopback
    accounts.py     who runs Postgres when we are root, and where that user finds its programs
    programs.py     one process, described: arguments, account, what it is sent when its parent dies
    servers.py      start one server, wait until it really answers, stop it
    postgres.py     initdb once, then a server as our own child
    valkey.py       the same for Valkey

    stack.py        what `up` runs, as data
    prepared.py     whether the database has this code's schema already
    preflight.py    looks at the machine before anything on it is changed
    supervisor.py   starts the stages, waits, stops in reverse
    child.py        one supervised process: started, watched, started again
    output.py       its lines: a file, and the console with the name in front
    book.py         which process groups are to be ended should we be killed
    keeper.py       the small process that reads the book and ends them
    locks.py        one supervisor per home; commands that use it
    state.py        what runs now, for every other command to read

Promises
    Nothing here imports Django: it works before there is a database.
    Every server listens on 127.0.0.1 only and asks for a generated password.
    No folder outside NEXUS_HOME is opened to others.
    Whatever ends the process that started a server ends the server too.
"""

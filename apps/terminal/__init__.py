"""The terminal: what `bin/nexus` runs. An HTTP client like any other, and the one who starts the supervisor.

    install.py      makes .venv; run by bin/nexus before anything else is there
    arguments.py    commands and options
    place.py        which clone, which home, which installation is meant
    exits.py        exit codes, and errors that say what, why and what next
    console.py      stdout is data, stderr is everything else; colours, widths
    client.py       requests to /api/v2
    feed.py         the event stream of an order, reconnecting
    following.py    follow an order to its end
    deciding.py     what an order needs a person for, and the command that gives it
    attached.py     files that go along with a request
    tree.py         an order as lines of text
    live.py         the lines on a terminal, redrawn in place, or one line per change
    background.py   a supervisor in the background, for as long as a command uses it
    checks.py       what doctor looks at on a running installation
    group.py        which failure is meant, and what is changed in its tasks
    commands/       one module per command or family of commands

Promises
    Without a terminal nothing is drawn and nothing is asked.
    Every refusal has an exit code (docs/reference/exit-codes.md).
    Django is not imported here.
"""

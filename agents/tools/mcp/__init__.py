"""The tools of MCP servers: programs and addresses that the operator names, spoken to by the official SDK.

    servers.py    which servers there are, from the setting (pure)
    loops.py      one event loop per process, in a thread of its own
    sessions.py   a session with one server: started when it is needed, given up when it fails
    speaking.py   list and call, from ordinary code
    adapting.py   a server's tool -> a Tool: its name, its effect, its words

Promises
    A command is run because the operator wrote it, and for no other reason; it inherits no secret of ours.
    A server that dies or hangs costs the call that met it; the next one starts it again.
    A tool whose server says nothing of its effect is one that must not be done twice.
"""

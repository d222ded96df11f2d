"""The whole API is asked everything its schema allows, and what it does not allow, with an ordinary user's key.

    python -m tests.fuzz --examples 200                 every operation, on a stack of its own
    python -m tests.fuzz --only 'webhooks|schedules'    those whose path says so

    furnish.py   an ordinary user, and one of everything to ask about
    ground.py    a web process with its servers
    asking.py    operations -> requests -> what is wrong with the answers

Wrong is a server error, and an answer that the schema does not have: its status, its content type, its shape.
"""

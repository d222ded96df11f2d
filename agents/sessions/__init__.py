"""Conversations: somebody says something, an agent answers, one turn at a time.

    models.py    the tables: Session, Message
    opening.py   open, close; what a session may be
    sending.py   send: a message and the run of its turn, in one transaction; what becomes of a second one
    context.py   what a model is told of what was said before (pure)
    ulid.py      ids of messages: sorted by time (pure)
    turn.py      the task of a turn: listen, recall, answer, store
    reply.py     how a turn is answered: by a model, with the agent's tools and program
    recalling.py older messages -> a summary, by a model
    ending.py    a turn ends: its answer is stored, the next one begins
    watching.py  turns that nobody ended, sessions that nobody uses
    errors.py    what is refused

Promises
    A message is stored with its turn's task, or not at all; a key that is used again stores nothing twice.
    A session answers one message at a time. Whose turn it is stands in the session's own row, and only that turn stores
    an answer: one that was interrupted, or overtaken, stores none.
    A message has at most one answer, however often its worker dies; an answer that was paid for is not bought again.
    A conversation of any length costs a bounded number of tokens a turn.
"""

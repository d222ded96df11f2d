"""Gates: what people have to decide before a task goes on.

    rules.py      what is decided, as a hash; who may say what; what it then comes to (pure)
    errors.py     what is refused
    models.py     Approval, Vote, DeclaredGate
    querysets.py  what can be asked
    ask.py        open an approval: a handler's, in its settle, or a task's own before it runs
    decide.py     one person's word; the first that decides stands
    withdraw.py   close approvals that nobody has to decide any more
    follow.py     what becomes of the task, and of its run
    remind.py     remind, escalate, expire: by the dispatcher, with the database's clock

Promises
    An approval is decided once: one guarded UPDATE on its row, whoever comes second is told who was first.
    A word counts for the content that it names by its hash, and for no other.
    Nothing goes past a gate: a task with an open approval is released by its decision alone.
    Every word that counted is kept: who, when, what, why.
"""

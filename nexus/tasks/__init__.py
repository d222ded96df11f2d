"""Run and Task: what can be, what is stored, what can be asked, what may change.

    states.py       the states and the arrows between them, with the picture (pure)
    graph.py        a graph of specs: validated before it is written (pure)
    gate.py         on what terms people decide before a task goes on (pure)
    models.py       Run, Task, Dependency, Attempt
    querysets.py    the questions
    submit.py       where runs are born and expanded
    transitions.py  the only writer of state; sql/ holds its hot statements, one file each
    waking.py       calling the dispatchers once it is committed
    waiting.py      why a task is not moving, in one sentence

Promises
    Zero rows changed is an answer: somebody else was here first, and nothing was done.
    Locks are taken in one order: the run, then its tasks.
"""

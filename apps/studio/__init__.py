"""Media production: events in, tasks out, checkpoints between.

    events.py       which events there are, and their ids
    tasks.py        the 34 task types: agent, queue, lock
    taskmap.py      event -> tasks, as data; custom mappings append
    inputs.py       what a task is given of its event
    checkpoints.py  where people decide, and on which terms
    films.py        a film project and its work order: created, finalized
    publish.py      an event from a task, or from outside: kept once, its tasks written with it
    budget.py       allocation, status, prediction, strategy
    buying.py       an image, a clip, a sound: reserved, made once, one ledger line
    recovery.py     what follows a failure: again, otherwise, a person
    media/          pure: draw, sing, measure
    work/           what each task type does
    views/          the doors

Promises
    An event is applied once, whoever tells it how often. Its tasks are written in the transaction that keeps it.
    Nothing that a checkpoint holds back is forgotten: approval writes its tasks.
    Of all tasks that change one film's shots, prompts or bank of features, one runs at a time.
"""

"""Work orders: the story. What was asked, who judged it, what came of it.

Reading order
    flow/         the life of an order, one file per stage; each has one public function
    equipment/    machine work: health check, backup, logs, costs; no model is asked
    handlers.py   task type -> stage: one line each
    rules.py      triage without a model: intent, difficulty, owner, files (pure)
    words.py      the terms those rules look for, in English and Chinese (pure)
    language.py   which language a text is in, and how much it says (pure)
    contracts.py  the answers that models must give, with their schemas (pure)
    asking.py     how a stage asks a model; instructions.py says what each kind of task is told
    attached.py   photos, voice notes and documents that came with a request
    drawing.py    a plan -> a graph of tasks, checked (pure)
    criteria.py   acceptance criteria -> checks that can be decided (pure)
    board.py      what people are told, and asked, when no draft passes
    quoting.py    what an order will cost, from orders like it
    estimates.py  the calls that an order is expected to make, until there are any like it (pure)
    limits.py     budgets as people name them
    document.py   sections -> one document (pure)
    bounds.py     what a request may hold (pure)
    states.py     the states of an order, with the picture (pure)
    models.py     Project, WorkOrder, Deliverable, DailySerial
    querysets.py  what can be asked of orders
    writing.py    new orders -> rows, with their runs, in one statement
    sql/          that statement: WO-YYYYMMDD-NNNN, never twice
    offers.py     names of applications that requests may be made to
    schedules/    orders that are filed by the clock; inlets/: and by other systems
    templates.py  an order that is filed later; chores.py: the dispatcher has it filed
    sealed.py     secrets that must be read again, kept encrypted
    api.py        the door for programs that embed Nexus; watching.py: events as they come
    queries.py    an order with its tasks, cost and events, as surfaces show it

Promises
    An accepted order has a row, a run and a first task, written in one transaction.
    An order's status is not stored: it follows from its run and its tasks, so it cannot disagree with them.
    Stages meet through committed rows; no stage calls another.
    An unclear request is asked back; nothing is executed for it.
"""

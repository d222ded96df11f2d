"""The life of an order, one file per stage. No stage calls another: they meet through committed rows.

    intake.py    accept: the order, its run and its first task, in the caller's transaction
    triage.py    assess: intent, difficulty, owner, brief; or a question back
    clarify.py   answer: what the requester said to that question
    plan.py      draw_up: the graph of tasks, written with the planning task's own end
    execute.py   gather, outline, section, assemble, revise: the work
    review.py    examine: by another role, against the criteria; pass, revise, or the Board
    decide.py    release, redrive: what a person lets go on
    settle.py    close: the deliverable and the totals

What a stage writes besides its own end, it writes while it holds its task (context.hold), so that a
worker that was overtaken writes nothing.
"""

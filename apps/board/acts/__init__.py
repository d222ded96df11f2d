"""What the Board does: one dialog for every act. A GET asks, a POST acts, and nothing else changes anything.

    act.py       what an act is: on what, by whom, with which form, through which door
    forms.py     what is filled in
    page.py      the dialog: asked, done, refused
    orders.py    pause, resume, cancel, escalate, respond, release, requeue
    gates.py     approve, revise, reject, respond
    money.py     raise a budget
    effects.py   say what became of an act that nobody knows the end of
    agents.py    roll a role back; set and forget the key of a provider
    known.py     every act, by what it is done to and by name

Promises
    An act goes through the door that the API uses, and its audit entry is written with it.
    Who may look and may not act sees no button, and is refused at the door.
    What was refused changes nothing, is told in words with what stands now, and is in the audit log as a failure.
"""

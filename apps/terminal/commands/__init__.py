"""One module per command or family of commands; each function takes the arguments and returns an exit code.

up.py        run everything in the foreground
approvals.py approvals, approve, revise, reject, respond
chat.py      a session, line by line
orders.py    run, submit, watch, show, ls, cancel, pause, resume
status.py    what runs
doctor.py    what is wrong, and how to mend it
test.py      every test
manage.py    Django's own commands, with this home's environment
"""

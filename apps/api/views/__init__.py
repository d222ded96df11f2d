"""Views: read, check, one call, answer.

workorders.py   file and list; show one
moves.py        cancel, pause, resume; answer, release, redrive: one shape, a line each
reads.py        events, deliverable, canvases, ledger of one order
budgets.py      what each scope may spend, and the door to raise it
approvals.py    what waits for a person, and their decision
dead_letters.py what died of one failure; drive it again together
health.py       /healthz and /readyz
"""

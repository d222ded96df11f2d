"""The doors: read, check, one call, answer.

projects.py    projects, their stages, dashboard, tasks; what they are told
agents.py      agents; invoke.py asks them something
tasks.py       what was asked of workers
statistics.py  counts
"""

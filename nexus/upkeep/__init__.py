"""Upkeep: what keeps rows moving when nobody else does. Run by every dispatcher; any number may.

rescuer.py     expired leases -> retry or dead letter
timers.py      PENDING tasks whose time has come -> READY; dead letters -> nexus.dead
chores.py      all of it, and the chores that domains register
invariants.py  what must always hold, counted for `doctor`; domains register theirs
figures.py     how many there are of everything, for gauges
workers.py     who works, and when each was last given something
repairs.py     what `doctor --repair` may mend while everything runs
"""

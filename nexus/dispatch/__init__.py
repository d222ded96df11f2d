"""Dispatch: due rows -> doorbells. Any number of dispatchers may run; there is no leader.

dispatcher.py  one batch: put bells off, record canvases, publish
follow.py      what is due and what waits behind it, as the compiler's graph
publish.py     to the broker, bounded, with a breaker
at_once.py     the first doorbell of a run, by the process that files it
loop.py        wake by LISTEN, poll, stop; runs upkeep beside it
models.py      Dispatcher: sign of life
"""

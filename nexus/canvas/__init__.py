"""Canvas: how what is due, and what follows it, travels as Celery chains and chords.

    compile.py   a graph -> segments (pure)
    lay.py       segments -> Celery signatures
    models.py    Canvas: what was laid, for people to look at

A canvas may ring late, early, twice or never: only claims decide.
"""

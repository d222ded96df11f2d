"""Everything that needs a person, in one list: what waits, why, since when, who may act, and what stands still.

    item.py      what one line says
    gather.py    the list: most urgent first, then the oldest
    count.py     how many there are of each kind, in one statement

Seven kinds: `approval` (a decision at a gate), `question` (an order asks back), `money` (a budget is used up; one line
per budget), `failure` (tasks that died of one thing; one line per failure), `effect` (an act that may have happened, of
a task that is over), `call` (an order that was escalated to the Board), and `wait` for whatever else was parked.
"""

"""What `bin/nexus bench` measures: Nexus and its peers, side by side, on the same servers, in one run.

__main__.py     the command: runs what was asked for, prints the table, the JSON and the plot
ground.py       one durable Postgres, one Valkey, a database for each contestant; what they cost
contestants.py  who competes: the processes of each, as data; they are stopped while another is measured
duels.py        interleaved rounds of the same order of six tasks
intake.py       requests per second of the front door, beside a minimal FastAPI service
feed.py         one run, told to many WebSockets
calls.py        a thousand model calls that wait at the same time
history.py      a million finished tasks in the tables
calibration.py  a fixed piece of work before each round, and who else used the machine
figures.py      medians, spread, ratios (pure)
plot.py         the SVG (pure)
table.py        the table for people (pure)
venvs.py        a venv for each peer, made on first use
clients/        what files orders and learns of their end; runs in the peers' venvs
work/           the task types of the orders, as a Django app
"""

"""The fault matrix: what is broken on purpose, row by row, and an oracle outside the product that says what held.

__main__.py  `bin/nexus chaos`: runs rows, prints the table
matrix.py    all rows as data
rows/        what each row does, by what it breaks
stage.py     a whole Nexus with short leases, on servers of its own
oracle.py    the invariants, asked of the tables and of the sandbox's journal
mutants.py   the product with one guard taken out: some row must see it
"""

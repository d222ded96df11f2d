"""What it costs: prices, budgets, reservations and the ledger. Knows no order, no agent, no provider's wire.

    money.py          amounts in USD, nine places (pure)
    prices.py         from tokens to an amount; which figure applies (pure)
    models.py         the tables: Price, Budget, BudgetChange, Hold, LedgerEntry
    pricebook.py      the prices that are in force; figures.py lists those that are shipped
    budgets.py        limits, and how much of them is left
    reservations.py   hold the worst case before a call leaves
    ledger.py         the only writer of entries; what was held is let go here
    invariants.py     what must always hold of the sums
    statements.py     the statements of money that are functions in SQL, under sql/hot
    reports.py        totals and lines, for surfaces
    errors.py         what is refused

Promises
    A budget is not overrun: what may be spent is reserved before, in every budget or in none.
    A physical request has one charge (unique), marked reported or estimated; entries are never changed.
    An unknown price is an error before anything is sent, never 0.

See docs/explanation/money.md.
"""

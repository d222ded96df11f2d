"""What it costs: prices, budgets, reservations and the ledger. Knows no order, no agent, no provider's wire.

    money.py          amounts in USD, nine places (pure)
    prices.py         from tokens to an amount; which figure applies (pure)
    models.py         the tables: Price, Budget, BudgetChange, Hold, LedgerEntry
    pricebook.py      the prices that are in force; figures.py lists those that are shipped
    budgets.py        limits, and how much of them is left
    reservations.py   hold the worst case before a call leaves
    outlook.py        how a budget stands and where it is heading (pure); conf.py has its thresholds
    periods.py        today, a week, a month: days of a time zone (pure)
    progress.py       which part of a scope's work is done
    alarms.py         tell people once that a budget is nearly used, or will not be enough
    parked.py         what waits for a budget, and lets it go on when it was raised
    ledger.py         the only writer of entries; what was held is let go here
    invariants.py     what must always hold of the sums
    costs.py          what was spent in a time, and on what
    sheets.py         tables as files for spreadsheets, which do nothing there (pure)
    bill_files.py     what a provider says it has billed, from a CSV file (pure)
    bills.py          a bill beside the ledger: gaps, and adjustments
    statements.py     the statements of money that are functions in SQL, under sql/hot
    reports.py        totals and lines, for surfaces
    errors.py         what is refused

Promises
    A budget is not overrun: what may be spent is reserved before, in every budget or in none.
    A physical request has one charge (unique), marked reported or estimated; entries are never changed.
    An unknown price is an error before anything is sent, never 0.

See docs/explanation/money.md.
"""

"""The admin for the Board: everything that happens, to look at. Nothing here changes anything.

    readonly.py    the kind of page all others are
    words.py       states in words and colours
    orders.py      work orders; order_page.py puts tasks, attempts, costs and events on one page
    machinery.py   runs, tasks, attempts, events, dead letters
    money.py       ledger and budgets
    people.py      roles and API keys
    admin.py       where Django looks

Promises
    No page adds, changes or deletes, whoever looks.
    A list asks the database the same number of questions for three rows and for three hundred.
    No secret is on any page; what a model wrote is shown as text.
"""

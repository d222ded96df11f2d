"""The admin for the Board: everything that happens, to look at; and the few things that a person decides there.

    inbox.py       the first page: everything that needs a person; badges.py has its numbers for the side bar
    acts/          what the Board does: one dialog for every act; refusals.py keeps what was refused
    readonly.py    the kind of page all others are
    words.py       states in words and colours
    orders.py      work orders; order_page.py puts tasks, attempts, costs and events on one page
    machinery.py   runs, tasks, attempts, events, dead letters
    failures.py    dead letters by failure, and driving one again; failure_form.py is what is filled in
    money.py       ledger, budgets and their changes
    spending.py    what was spent on what; what waits for money, and raising it
    people.py      roles and API keys; versions.py: what changed in a role, keys of providers
    conversations.py  sessions with agents
    audit.py       the audit log; system.py: the state of the whole, and what roles cost
    admin.py       where Django looks

Promises
    No list and no row's page adds, changes or deletes, whoever looks. What is decided takes a permission of its own
    and a reason, is a POST, and is told in the feed with who and why.
    A list asks the database the same number of questions for three rows and for three hundred.
    No secret is on any page; what a model wrote is shown as text.
"""

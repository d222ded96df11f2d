"""The files of an order, as agents see them.

    paths.py    what a path may look like (pure)
    files.py    Workspace: list, read, write; no way out of its folder
    errors.py   what is refused

Promises
    Every step of a path is opened below the one before it and follows no link, so there is nothing to escape by.
    A file is there as a whole or not at all.
    Names, files and bytes have limits.
"""

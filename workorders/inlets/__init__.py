"""Inlets: a URL for another system, whose messages become orders.

    proving.py   is it really from them? three ways to show it (pure)
    filling.py   {{ places }} of a text, filled with what a message says (pure)
    models.py    Inlet, Arrival
    keeping.py   make one, change it, give it a new secret
    taking.py    a message -> an order, once
    errors.py    what is refused

Promises
    Nothing of a message is read before it is proved to come from who holds the secret.
    A message files one order, however often it is sent.
"""

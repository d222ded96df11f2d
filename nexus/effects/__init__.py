"""Effects: what a task does to the world outside, and whether it did.

    kinds.py      the three kinds, the states, what makes two requests the same (pure)
    errors.py     what is refused, and how an act says that nothing happened
    models.py     Effect: one row per task and key
    querysets.py  what can be asked
    asking.py     what a person is asked when nobody knows, and what the answer means (pure)
    ledger.py     the only writer of an effect's state
    perform.py    look it up, write the intent, act, keep what came of it
    left.py       intents that nobody comes back to

Promises
    A `once` act that may have happened is never repeated by itself: a person says what is true.
    An `idempotent` act is repeated with the same key, which is sent to the outside.
    What is known stays known: asked again, the stored answer is given and nothing is done.
    A person's word is bound to the request it was asked about, and is honoured once.
"""

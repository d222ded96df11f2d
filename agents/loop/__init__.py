"""The loop of an agent: ask a model, do what it asks for, tell it what came of it, and again, until its turn ends.

    converse.py   converse(): one conversation of a task, from where the last worker left it to its end
    doing.py      the tool uses of one answer, in their order; what is done again and again
    asking.py     how far an agent may go, and what people are asked when it has gone so far
    limits.py     turns, tokens, time and cost: how much is allowed, and what was used (pure)
    talk.py       a conversation as it is stored
    models.py     Talk, TalkTurn

Promises
    Every turn is committed before the next begins: whoever takes the task over goes on there. An answer that is stored
    is not bought again, and what a tool did is not done again.
    An agent that goes too far, or in circles, stops for people; it is neither cut off nor let go on in silence.
    What a conversation may use is fixed when it begins.

This file imports nothing: Django reads the tables before the rest can be.
"""

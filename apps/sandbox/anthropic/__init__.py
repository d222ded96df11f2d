"""The Anthropic Messages API, as its clients see it.

api.py         which request is answered by what
validation.py  what that API refuses
wire.py        its shapes: headers, errors, messages, usage
stream.py      a message as a stream of events
models.py      the models it pretends to be
"""

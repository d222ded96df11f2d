"""A model provider that asks no model: real sockets, the provider's own wire format, invented answers.

    server.py          listening: `running()` inside a test, `serve()` for the process of its own
    http.py            HTTP/1.1 by h11: requests in, replies out, connections that can be broken on purpose
    outlet.py          one reply on its way out, with the scripted place where it breaks
    provider.py        what a model provider answers; every request is journalled here
    control.py         what a test or an operator may ask and set: journal, scenarios, settings
    remote.py          the same, from the client's side
    scenarios.py       what shall go wrong, for which request, how often
    journal.py         every request received, in order, with exact counts
    anthropic_wire.py  the shapes of the Anthropic Messages API: headers, messages, errors, models
    validation.py      what that API refuses
    sse.py             a message as a stream of events
    ask.py             a valid request, read once
    answer.py          from an ask to an answer: text, structured output, tool calls
    schema.py          an instance for any JSON schema (strings.py and patterns.py fill its texts)
    tokens.py          the one way tokens are counted
    prose/             the writer: pure functions from a prompt to readable text

Promises
    The same request gets the same answer, byte for byte; only request ids and dates differ.
    Every answer says that it comes from the sandbox: a header, the message id, the closing line of prose.
    What the real provider refuses is refused here, with its status, its error type and its wording.
    Nothing is ever sent anywhere; keys are looked at for being there and kept nowhere.

See docs/reference/sandbox.md.
"""

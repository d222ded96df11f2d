"""Model providers that ask no model: real sockets, the providers' own wire formats, invented answers.

    server.py          listening: `running()` inside a test, `serve()` for the process of its own
    http.py            HTTP/1.1 by h11: requests in, replies out, connections that can be broken on purpose
    outlet.py          one reply on its way out, with the scripted place where it breaks
    provider.py        every request: journalled here, scripted here, and given to the wire that it speaks
    exchange.py        one request on its way to its answer
    anthropic/         the Anthropic Messages API
    openai/            the OpenAI API: chat completions and responses
    telegram/          Telegram's Bot API, with people to be played by a test
    control.py         what a test or an operator may ask and set: journal, scenarios, settings
    remote.py          the same, from the client's side
    script.py          what the sandbox does with one request, in place of the usual
    faults.py          everything that goes wrong at providers, by name
    scenarios.py       which script applies to which request, and how often
    templates.py       scripted words that repeat what tools have answered
    malformed.py       the ways in which a body or a stream can be wrong
    journal.py         every request received, in order, with exact counts
    memory.py          what a provider remembers from one request to the next
    conversation.py    any request body, valid or not, as a plain conversation
    problem.py         what a provider refuses
    usage.py           what an answer is said to have cost
    sse.py             server-sent events, and text cut into pieces for them
    ask.py             a valid request, read once
    answer.py          from an ask to an answer: text, structured output, tool calls
    files/             pictures, documents and sound: read from their real bytes
    costs.py           what a request costs in input tokens, piece by piece
    cache.py           prompt caching: how much of a prompt was seen before
    seals.py           seals on thoughts, which must come back as they left
    multipart.py       a form with files in it
    schema.py          an instance for any JSON schema (strings.py, patterns.py and programs.py fill its texts)
    hints.py           bounds of a schema that a client has written into descriptions
    tokens.py          the one way tokens are counted
    prose/             the writer: pure functions from a prompt to readable text

Promises
    The same request gets the same answer, byte for byte; only request ids and dates differ.
    Every answer says that it comes from the sandbox: a header, the message id, the closing line of prose.
    What the real provider refuses is refused here, with its status, its error type and its wording.
    Nothing is ever sent anywhere; keys are looked at for being there and kept nowhere.

See docs/reference/sandbox.md.
"""

"""Doors for clients that speak to Nexus in their own way: OpenAI's clients, and those that poll tickets.

    openai_urls.py          where they are, beneath /v1; urls.py: /api/chat and the system log
    doors.py                requests that last: written down on a thread, answered from the event loop
    lasting.py              what the lasting ones have in common
    hearing.py              an answer as it comes, and how it ended
    views.py                chat completions and models; response_views.py: responses
    ticket_views.py         tickets and conversations; tickets.py: what they are
    base.py, errors.py      errors in OpenAI's form; ending.py: what work without an answer is told as
    naming.py               what the name of a model means: a role, a family, a work order
    chat_shapes.py          the bodies that are taken; responses_shapes.py: the same
    chat_reading.py         messages -> a question; responses_reading.py: input -> a question
    parts.py                parts of messages, tools and formats
    questions.py            what is asked of a model, as it is kept
    filing.py               a question becomes a row and a run, or a work order (ordering.py)
    answering.py            the task of a completion
    standing.py             how a request stands
    chat_wire.py            an answer as Chat Completions shows it
    responses_wire.py       the same as Responses shows it; responses_events.py: its events and their numbers
    chat.py                 POST /api/chat: a message becomes a work order
    syslog.py               errors of every process, kept in the database; log_views.py and admin.py show them
    schema.py               what OpenAPI says of /v1

Promises
    A client that leaves stops nothing, and its answer is found by its id. One that was told no is not sold a yes later.
    A request that fails before its first word has the status of its failure; no stream begins with 200 to say so.
    What a stream told is the beginning of what is stored, or the stream says that it is not.
"""

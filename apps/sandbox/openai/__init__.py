"""The OpenAI API, as its clients see it.

api.py                which request is answered by what
wire.py               headers and errors
models.py             the models it pretends to be
checks.py             what is refused of any request: fields, types, tools, schemas
parts.py              pictures, files and sound in a message, as the rest of the sandbox knows them
files.py              what is refused of those
thoughts.py           what is refused of thoughts that come back
chat_request.py       a Chat Completions request: what is refused of it
chat_reading.py       and what it asks
chat.py               its answer, whole and as chunks
responses_request.py  a Responses request: what is refused of it
responses_reading.py  and what it asks
responses.py          its answer, whole
responses_stream.py   and as typed events
audio.py              transcriptions
"""

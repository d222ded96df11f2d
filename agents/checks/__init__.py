"""What a result is held to: checks that are written before the work and decided without the worker.

Reading order
    result.py        what a check comes to: pass, fail or inconclusive, and what is looked at (pure)
    words.py         the reasons, in English and Chinese (pure)
    kinds.py         every kind of check, by name; read a check, refuse one that cannot be decided
    seal.py          the hash of a list of checks, and the refusal where it differs (pure)
    run.py           all checks of a text, the cheap ones first, the judge last

One file per kind
    text.py          required and forbidden: text that must, or must not, be there (pure)
    length.py        at least, at most, in words or characters (pure)
    language.py      the language that it is written in (pure)
    leaks.py         secrets: passwords, keys, tokens, addresses (pure)
    placeholders.py  TODO, <...>, {{...}} (pure)
    substance.py     more than the request again, and more than "done" (pure)
    keys.py          JSON with these keys and dotted paths (pure)
    pattern.py       a regular expression, with a limit of time that holds
    schema.py        a JSON Schema
    code.py          Python blocks: they parse; they run
    judge.py         another role reads it with fresh eyes

And what the last ones need
    blocks.py        fenced blocks and sections of a Markdown text (pure)
    child.py         one piece of work in a process of its own, with limits
    inside.py        what that process does first: it gives up everything it does not need

Promises
    A check that cannot be decided is inconclusive, and inconclusive is not a pass.
    What is decided is decided about the text alone: no check asks its author, and no author changes its checks.
    Code of a deliverable runs without network, without other people's files, without this process's environment, or
    it does not run.
"""

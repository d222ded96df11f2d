"""Files that people send: photos, voice notes, documents. Looked at byte by byte before anything is kept.

    models.py    the tables: Attachment, Shelf
    looking.py   from bytes to what they really are, or a refusal
    pictures.py  pictures, decoded and written anew
    sounds.py    which sound some bytes are, and how long it lasts at most (pure)
    papers.py    PDF and plain text (pure)
    keeping.py   bytes into the storage, a row beside them, within a project's quota
    blocks.py    attachments as models are told of them
    hearing.py   what is said in a voice note, bought once
    errors.py    what is refused

Promises
    What a sender says of a file is not believed: its kind is read from its bytes.
    A picture is decoded and written anew: nothing hidden in it or behind it is kept, nor where it was taken.
    The same bytes are kept once in a project, under their SHA-256, and are checked against it when they are read.
    A project's files never grow beyond its quota, however many send at once.
"""

"""Pictures, documents and sound that come with a request: read from their real bytes, by the standard library alone.

reading.py    any block with a file in it, as a File, or why it cannot be read
pictures.py   PNG, JPEG, GIF and WebP: which it is, how wide, how high
papers.py     PDF and plain text: pages and first words
sounds.py     WAV, MP3, Ogg and MP4: which it is, how long it lasts
told.py       what an answer says of them
"""

"""The demonstration: each application plays one scene on the running installation, over HTTP like any other client.

stage.py     what a scene stands on, and what it tells afterwards
scenes.py    which scenes there are, in their order
builder.py   an agent is built from a requirement
play.py      one after the other; what each did, what it cost, where to look
"""

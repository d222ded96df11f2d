"""The tools that Nexus is shipped with.

web.py        web_fetch: a page of the public internet, as words
pages.py      from a page's bytes to its words (pure)
files.py      list_files, read_file, write_file: in the order's workspace
knowledge.py  search_knowledge: in the project's sources
people.py     ask_requester: a question to whoever asked for the work
"""

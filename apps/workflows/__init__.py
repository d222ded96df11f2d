"""Workflows: stages with prompts, tools and contracts, carried out as work orders.

    models.py       what is stored
    shapes.py       what a definition holds (pure)
    paths.py        dotted paths into answers and schemas (pure)
    contract.py     what an answer must be, and what breaks it (pure)
    graph.py        where stages lead, and whether they end (pure)
    changing.py     definitions come and change: versions, conflicts, a line for each change
    archive.py      ZIPs (pure)
    plain_yaml.py   YAML that means one thing (pure)
    bundles.py      a workflow as files (pure)
    bringing.py     files into a project, and out of it
    sample/         a bundle to begin with: seven stages, knowledge in two languages
    knowledge.py    what a workflow knows: files -> a snapshot with a checksum
    memory.py       what a conversation remembers: Redis before, Postgres behind
    starting.py     a request becomes an order; offers.py lets others make requests
    opening.py      first task: the conversation is read, the knowledge is checked
    performing.py   a stage, from its prompt to the next one
    slots.py        the places of a prompt (pure)
    merging.py      what is kept of an answer (pure)
    tooling.py      the tools of a stage
    closing.py      last task: the reply, the state and the history, together
    answering.py    what is answered for an order; simulating.py: what it would do
    telemetry.py    what is told of all this
    reach.py        whose definitions a caller may see; views/ are the doors

Promises
    A conversation's state changes when a session has ended well, and never otherwise.
    No model is asked where the memory, the knowledge, a stage or a tool is missing.
    What a contract refuses is said with its place; an answer is mended only as often as its stage allows.
    A version is never written over, and a prompt's hash is kept with each.
"""

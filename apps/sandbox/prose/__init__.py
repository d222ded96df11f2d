"""The writer: pure functions from a prompt to text that is pleasant to read.

    prompt.py      the blocks of a prompt: kind of task, request, brief, section, inputs, criteria, draft, feedback
    language.py    which language to answer in; the sentences of both
    request.py     what a request is about: its subject, the form it wants, the parts it lists, its terms
    topics.py      the knowledge base: topics, their facets, and which of them a request touches
    knowledge/     the base itself, one page per topic and language
    triage.py      intent, difficulty, brief
    plan.py        sections that follow the request, and what the result will be measured by
    section.py     one section; also findings, outlines and answers in a chat
    assemble.py    the whole from its sections; the same again after a review
    review.py      criterion by criterion: does the draft hold?
    phrasebook.py  short texts for any place of any JSON schema
    write.py       from the kind of task to the function that does it

Promises
    Text comes from the request and from the knowledge base, never from chance: the same prompt, the same text.
    English is answered in English, Chinese in Chinese.
"""

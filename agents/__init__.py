"""Who works: roles, the providers behind them, and the one way to call a model.

    roles.py          who may work, as data: model, effort, limits, system prompt
    prompts.py        the envelope that keeps instructions and other people's words apart (pure)
    calls.py          one model call, ledgered: reserve, intent, sent, settle, replay
    requests.py       what becomes of a physical request; the only writer of its state, with
    statements.py     the four statements of a call: look, intend, let go, settle; in SQL, under sql/hot
    keys.py           keys of providers, kept encrypted
    checkup.py        what is wrong with the providers, and what to do about it
    router.py         who is asked, and who next: the chain of a role (pure)
    limits.py         how much of one model may be asked at a time, and who is left alone for a while
    turnstile.py      where that is counted: in Redis for all, in the process while Redis is away
    rations.py        the same rules, for one process
    lua/              the same rules, for all of them at once
    asking.py         what is asked, what identifies it, how a bad answer is asked for again (pure)
    answers.py        from what a model wrote to what a handler gets (pure)
    charging.py       from a request's end to its ledger line
    hearing.py        what arrives while a model is still writing
    stepping.py       near the end of a budget: the model of the tier below
    backoff.py        how long to wait when the provider does not say (pure)
    insistence.py     what must be written although Postgres is away for a moment
    tokens.py         how many tokens a text may cost, without asking anybody (pure)
    summaries.py      who did what for how much, for surfaces
    contracts.py      Answer and its relatives (pure)
    configured.py     settings that could not be used are said at start
    invariants.py     what must always hold of requests and holds
    models.py         the tables: roles, keys, calls and requests; tools and rules; sources of knowledge
    passages.py       the tables of knowledge
    handlers.py       what the engine may ask of agents
    errors.py         what is refused, and what the engine makes of it
    providers/        one file per maker of models, behind one small protocol
    loop/             an agent that works with tools, turn by turn
    programs.py       a function of a program that a model wrote, in a child process
    attachments/      photos, voice notes and documents that people send
    sessions/         conversations: messages, turns, what a model is told of them
    registry.py       agents by name: a role, a prompt, tools
    tools/            what agents may do beside writing
    safe_http/        the HTTP client for addresses that others name
    workspace/        the files of an order
    knowledge.py      texts that agents look things up in

Promises
    Nothing leaves before its worst case is reserved, and nothing is sent twice for one intent.
    A request that left has one ledger line, whatever became of it; a stored answer is not bought again.
    No SDK error, and so no key and no prompt, leaves providers/.

Rows of the engine are named by number, without foreign keys: agents can be deployed, migrated and pruned apart.
See docs/explanation/money.md.
"""

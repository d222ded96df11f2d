"""Projects that build agents, stage by stage, and the agents that were built.

    states.py       where a project, a stage, an agent and a task can stand (pure)
    stages.py       the nine stages, as data (pure)
    contracts.py    what models must answer at each of them (pure)
    instructions.py what they are asked (pure)
    models.py       projects, stages, agents, invocations, tasks; querysets.py what can be asked of them
    beginning.py    a request becomes a project with its run; a project is restarted from a stage
    controlling.py  pause, resume, stop, restart
    building.py     the task of a stage: asked, checked, kept under the fence
    asking.py       how a stage asks a model
    makers.py       what each stage makes of its model's answer
    trials.py       generated programs, run on examples
    names.py        names as identifiers and as folders (pure)
    artefacts.py    the files of a project, in its workspace
    documents.py    configuration, prompts and reports as texts (pure)
    deploying.py    the last stage: agents begin to run; deployments/ where they do
    invoking.py     an agent is asked something, by itself or in a session; recording.py what came of it
    statistics.py   counts, from rows
    resources.py    queues, tables and default rows: made, listed, cleared
    words.py        the names of stages, for people
    errors.py       what is refused
    handlers.py     task type -> function
    views/          the doors; shapes.py what comes in, answers.py what goes out, showing.py rows as JSON

Promises
    Where a project stands is its run's to say: it is derived, and cannot disagree with the engine.
    A stage's output is kept once, under the fence of its task and of the project's present run.
    Generated code runs in a child process that has nothing; before it is accepted, and whenever it is used.
    An agent is its project's: no other project sees, invokes or talks with it.
"""

"""What each stage asks of its model. Pure text: the request's own words never stand here."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    "intent_analysis": (
        "Say what this request for an agent is: a new project (new_project), a change to a project that it names "
        "(existing_project), or not clear enough to tell (unclear). Guide whoever sets the project up."
    ),
    "orchestrator": "Set up the project that this request asks for: its name, what it is, its goals, its constraints.",
    "requirements_analysis": (
        "Analyse the requirements. Say whether one agent is enough (single_agent) or several have to work together "
        "(multi_agent): prefer one. Each requirement can be checked by its acceptance criteria."
    ),
    "system_architecture": (
        "Design the system that meets these requirements: the agents and their duties, what travels between them, what "
        "may go wrong. Use as few agents as possible; one where the requirements speak of a single agent."
    ),
    "agent_design": "Design this one agent of the system: what it does, how it works, and what it should compute.",
    "tools_developer": (
        "Write the tools of this agent in Python. Each computes something that a model should not guess. Each is "
        "run on example values before it is accepted, and may not fail on them."
    ),
    "prompt_engineer": "Write the system prompt of this agent, for the tools that it has.",
    "agent_code_developer": (
        "Write the program that stands before this agent's model: it makes of what a person said what the model is "
        "asked, for example tidied, or with what can be computed from it. It is run on example texts before it is "
        "accepted. Where nothing is to be done, it returns the text."
    ),
    "agent_developer_manager": (
        "Review everything that was built, as whoever answers for it: do design, tools, prompt and code meet the "
        "requirements and fit together? pass: it can be deployed. fail: say which stage has to be done again."
    ),
}

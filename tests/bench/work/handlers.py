"""Task types that cost nothing, so that what is measured is the engine; and one that asks a model."""

from __future__ import annotations

from agents import calls
from nexus import engine


@engine.handler("bench.noop", queue="nexus.agents")
def noop(context: engine.Context) -> engine.Outcome:
    """Do nothing."""
    return engine.Done()


@engine.handler("bench.asks", queue="nexus.agents")
def asks(context: engine.Context) -> engine.Outcome:
    """Ask a model once."""
    calls.call(context, role="intern", step=1, system="Be brief.", prompt="bench", max_tokens=50)
    return engine.Done()

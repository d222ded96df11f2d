"""Settings of apps/builder."""

from __future__ import annotations

from config.env import env

# The stages of a build in their order; empty: tools before prompts.
NEXUS_BUILD_STAGES = env.list("NEXUS_BUILD_STAGES", default=[])
# The role whose model built agents use.
NEXUS_BUILD_AGENT_ROLE = env.str("NEXUS_BUILD_AGENT_ROLE", default="director")
# Where agents of the deployment type `agentcore` run; empty: nowhere. See docs/howto/build-agents.md.
NEXUS_AGENTCORE = env.json("NEXUS_AGENTCORE", default={}) or {}

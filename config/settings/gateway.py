"""Settings of apps/gateway."""

from __future__ import annotations

import json

from config.env import env

# Families of models, in the order in which they are tried: name -> patterns that a model's name may hold, and the model
# that is asked where only the family is named. Each has a queue in nexus/queues/catalog.py: nexus.model.<name>.
NEXUS_MODEL_FAMILIES = json.loads(env.str("NEXUS_MODEL_FAMILIES", default="") or "{}") or {
    "gemini": {"patterns": ["gemini"], "model": "gemini-2.5-flash"},
    "sd": {"patterns": ["sd", "stable"], "model": "stable-diffusion-xl"},
    "deepseek": {"patterns": ["deepseek"], "model": "deepseek-chat"},
}
# The family of tickets whose model belongs to none.
NEXUS_MODEL_FAMILY = env.str("NEXUS_MODEL_FAMILY", default="gemini")

# Seconds that a client of /v1 is kept waiting for an answer in one piece; the work goes on after that.
NEXUS_COMPLETION_WAIT = env.float("NEXUS_COMPLETION_WAIT", default=300.0)

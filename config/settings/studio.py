"""Settings of apps/studio."""

from __future__ import annotations

from config.env import env

# Whether people decide at a film's checkpoints; each film may say otherwise for itself (user_options.auto_mode).
STUDIO_APPROVALS = env.bool("STUDIO_APPROVALS", default=True)
# Minutes that a checkpoint waits: a reminder at half of them, and the film's own default at their end.
STUDIO_APPROVAL_TIMEOUT = env.float("STUDIO_APPROVAL_TIMEOUT", default=60.0)
# Who makes pictures and sounds: a class with one method, see apps/studio/media/maker.py.
STUDIO_MAKER = env.str("STUDIO_MAKER", default="apps.studio.media.sandbox.Sandbox")

"""What is refused of a workspace."""

from __future__ import annotations

from nexus.errors import NexusError


class WorkspaceRefused(NexusError):
    """This cannot be done with the files of the order."""

    code = "workspace_refused"

"""What is refused of builds and agents."""

from __future__ import annotations

from nexus.errors import NexusError


class StageUnknown(NexusError):
    """There is no stage of this name."""

    code = "stage_unknown"


class BuildFailed(NexusError):
    """What was built does not hold."""

    code = "build_failed"


class Superseded(NexusError):
    """The project was restarted: another run builds it now."""

    code = "build_superseded"


class AgentOffline(NexusError):
    """The agent is not running."""

    code = "agent_offline"


class DeploymentUnavailable(NexusError):
    """Nothing is configured to deploy agents there."""

    code = "deployment_unavailable"


class InvocationFailed(NexusError):
    """The agent did not answer."""

    code = "invocation_failed"


class RuntimeFailed(NexusError):
    """The runtime of the agent did not do it."""

    code = "runtime_failed"
    disposition = "retry"

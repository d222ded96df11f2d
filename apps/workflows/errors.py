"""What workflows refuse."""

from __future__ import annotations

from nexus.errors import NexusError


class DefinitionInvalid(NexusError):
    """This definition cannot be kept as it is."""

    code = "definition_invalid"


class NameTaken(NexusError):
    """There is one of this name already."""

    code = "name_taken"


class VersionPassed(NexusError):
    """It has been changed since this version was read."""

    code = "version_passed"


class WorkflowInvalid(NexusError):
    """The stages of this workflow do not fit together."""

    code = "workflow_invalid"


class BundleRefused(NexusError):
    """This is no bundle that can be imported."""

    code = "bundle_refused"


class KnowledgeMissing(NexusError):
    """The workflow's knowledge is not complete."""

    code = "knowledge_missing"


class StageToolNotFound(NexusError):
    """A stage names a tool that does not exist."""

    code = "stage_tool_not_found"


class StageInvalid(NexusError):
    """The answer of a stage breaks its contract."""

    code = "stage_validation_failed"


class RedisUnavailable(NexusError):
    """Redis, which keeps the conversations of workflows, does not answer."""

    code = "REDIS_UNAVAILABLE"
    disposition = "give_back"

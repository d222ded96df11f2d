"""Where its doors are, beneath /api/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, register_converter

from .views import agents, projects, statistics, tasks

_ULID = "[0-9a-hjkmnp-tv-z]{26}"


class BuildId:
    """proj-<ulid>."""

    regex = f"proj-{_ULID}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


class AgentId(BuildId):
    """agent-<ulid>."""

    regex = f"agent-{_ULID}"


class TaskId(BuildId):
    """task-<ulid>."""

    regex = f"task-{_ULID}"


register_converter(BuildId, "build")
register_converter(AgentId, "agent")
register_converter(TaskId, "task")

urlpatterns: list[URLPattern | URLResolver] = [
    path("v2/projects", projects.Projects.as_view(), name="projects"),
    path("v2/projects/<build:project_id>", projects.OneProject.as_view(), name="project"),
    path("v2/projects/<build:project_id>/stages", projects.Stages.as_view(), name="project-stages"),
    path("v2/projects/<build:project_id>/build", projects.Build.as_view(), name="project-build"),
    path("v2/projects/<build:project_id>/control", projects.Control.as_view(), name="project-control"),
    path("v2/projects/<build:project_id>/tasks", projects.ProjectTasks.as_view(), name="project-tasks"),
    path("v2/agents", agents.Agents.as_view(), name="agents"),
    path("v2/agents/<agent:agent_id>", agents.OneAgent.as_view(), name="agent"),
    path("v2/agents/<agent:agent_id>/invoke", agents.Invoke.as_view(), name="agent-invoke"),
    path("v2/agents/<agent:agent_id>/invocations", agents.AgentInvocations.as_view(), name="agent-invocations"),
    path("v2/tasks/<task:task_id>", tasks.OneTask.as_view(), name="task"),
    *(
        path(f"v2/statistics/{figures.name}", figures.as_view(), name=f"statistics-{figures.name}")
        for figures in statistics.FIGURES
    ),
]

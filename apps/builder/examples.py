"""The shapes, filled in: what OpenAPI shows beside each operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

AT = "2026-02-17T09:30:00.120000+00:00"
PROJECT_ID, AGENT_ID = "proj-01khn3q2t0j8y5v6w7x8y9z0ab", "agent-01khn3q2t0j8y5v6w7x8y9z0ac"
TASK_ID, INVOCATION_ID = "task-01khn3q2t0j8y5v6w7x8y9z0ad", "inv-01khn3q2t0j8y5v6w7x8y9z0ae"
REQUIREMENT = "Build an agent that answers questions about release checklists for Django services"
ABOUT: dict[str, Any] = {"message": "", "timestamp": AT, "request_id": "0f6a2f0a9c111d1e4c2e7a554f1c9a3f"}
NUMBERS = {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": False, "has_prev": False}
PROJECT: dict[str, Any] = {
    "project_id": PROJECT_ID, "project_name": "Release helper", "status": "building", "requirement": REQUIREMENT,
    "user_id": "1", "user_name": "ada", "project": "default", "priority": 3, "tags": ["release"],
    "deployment_type": "local", "progress": 22.2, "current_stage": "system_architecture", "error_info": None,
    "waiting_for": None, "intent": {"intent_type": "new_project"}, "restarts": 0, "created_at": AT, "updated_at": AT,
    "started_at": AT, "completed_at": None,
    "metrics": {
        "input_tokens": 1321, "output_tokens": 611, "cost_usd": "0.008992000", "tool_calls": 0,
        "completed_stages": 2, "total_stages": 9,
    },
}  # fmt: skip
STAGE: dict[str, Any] = {
    "stage_name": "tools_developer", "stage_number": 5, "display_name": "Tool development", "status": "completed",
    "agent_name": "director", "started_at": AT, "completed_at": AT, "duration_seconds": 12.5, "input_tokens": 1066,
    "output_tokens": 902, "cost_usd": "0.014782000", "tool_calls": 6, "output_data": {"agents": {}},
    "artifact_paths": ["tools/generated_tools/release_helper/count_steps.py"], "error_message": None,
    "logs": [{"at": AT, "level": "info", "message": "Attempt 1 begins"}],
}  # fmt: skip
DASHBOARD: dict[str, Any] = {
    "project_id": PROJECT_ID, "project_name": "Release helper", "status": "building", "progress": 22.2,
    "requirement": REQUIREMENT, "total_stages": 9, "completed_stages": 2, "updated_at": AT, "error_info": None,
    "stages": [
        {
            "name": "tools_developer", "display_name": "Tool development", "order": 5, "status": "completed",
            "started_at": AT, "completed_at": AT, "duration_seconds": 12.5, "error": None, "input_tokens": 1066,
            "output_tokens": 902, "tool_calls": 6, "cost_usd": "0.014782000", "doc_path": None,
            "artifact_paths": [], "efficiency_rating": "normal",
        }
    ],
    "metrics": {
        "total_duration_seconds": 12.5, "input_tokens": 1066, "output_tokens": 902, "tool_calls": 6, "total_tools": 3,
        "cost_input_usd": "0.003198000", "cost_output_usd": "0.011584000", "cost_total_usd": "0.014782000",
        "pricing_model": "claude-sonnet-5-5", "successful_stages": 1, "failed_stages": 0,
    },
}  # fmt: skip
AGENT: dict[str, Any] = {
    "agent_id": AGENT_ID, "project_id": PROJECT_ID, "agent_name": "release_helper", "display_name": "Release helper",
    "project": "default", "description": "Answers questions about release checklists.", "category": "development",
    "version": "1.0.0", "status": "running", "deployment_type": "local", "agentcore_config": {},
    "capabilities": ["Explains the order of the steps"], "tools": ["count_steps"], "tags": ["release"],
    "prompt_path": "prompts/generated_agents_prompts/release_helper/release_helper_prompt.yaml",
    "code_path": "agents/generated_agents/release_helper/release_helper.py", "created_at": AT, "updated_at": AT,
    "deployed_at": AT,
}  # fmt: skip
WHOLE = {
    **AGENT,
    "system_prompt": "You help with releases.",
    "code": "def prepare(text):\n    return text\n",
    "role": "",
}
INVOCATION: dict[str, Any] = {
    "invocation_id": INVOCATION_ID, "agent_id": AGENT_ID, "session_id": None, "user_id": "ada",
    "input": "Which steps come first?", "output": "First, agree on the goal.", "status": "success",
    "duration_ms": 1843, "input_tokens": 747, "output_tokens": 240, "cost_usd": "0.003894000", "error_message": None,
    "metadata": {}, "created_at": AT,
}  # fmt: skip
JOB: dict[str, Any] = {
    "task_id": TASK_ID, "task_type": "build_agent", "project_id": PROJECT_ID, "agent_id": None, "status": "running",
    "priority": 3, "payload": {"task_id": TASK_ID, "project_id": PROJECT_ID}, "result": None, "error_message": None,
    "retry_count": 0, "created_at": AT, "started_at": AT, "completed_at": None, "worker_id": "build@host",
}  # fmt: skip
OVERVIEW = {
    "total_projects": 12, "building_projects": 1, "completed_projects": 10, "failed_projects": 1, "total_agents": 11,
    "running_agents": 10, "total_invocations": 240, "today_invocations": 17, "success_rate": 90.91,
    "avg_build_time_minutes": 6.42,
}  # fmt: skip
BUILDS = {
    "date": "2026-02-17", "total_builds": 3, "successful_builds": 2, "failed_builds": 0, "in_progress_builds": 1,
    "avg_duration_minutes": 6.42,
}  # fmt: skip
INVOCATIONS = {
    "date": "2026-02-17", "total_invocations": 17, "successful_invocations": 16, "failed_invocations": 1,
    "avg_duration_ms": 1843.2, "active_agents": 4,
}  # fmt: skip
CATEGORY = {"category": "development", "agents": 4, "running_agents": 3}
TOP = {
    "agent_id": AGENT_ID, "agent_name": "release_helper", "category": "development", "invocations": 17,
    "success_rate": 94.12, "avg_duration_ms": 1843.2,
}  # fmt: skip
ACTIVITY = {"type": "build", "id": PROJECT_ID, "name": "Release helper", "status": "building", "at": AT}
HEALTH = {"status": "healthy", "dispatcher": "ok", "invocations": 17, "success_rate": 94.12}


def asked(name: str, value: object) -> OpenApiExample:
    """A body that is sent."""
    return OpenApiExample(name, value=value, request_only=True)


def answered(name: str, data: object, *, status: str = "200") -> OpenApiExample:
    """What is answered, in its envelope."""
    value = {"success": True, "data": data, **ABOUT}
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


def page(name: str, data: object) -> OpenApiExample:
    """A page, in its envelope."""
    value = {"success": True, "data": [data], **ABOUT, "pagination": NUMBERS}
    return OpenApiExample(name, value=value, response_only=True, status_codes=["200"])


CREATE = asked("A project", {"requirement": REQUIREMENT, "project_name": "Release helper", "tags": ["release"]})
RESTART = asked("Restart from a stage", {"action": "restart", "from_stage": "tools_developer", "reason": "new tools"})
INVOKE = asked("A question", {"input": "Which steps come first?"})
OFFLINE = asked("Take it offline", {"status": "offline"})
GONE = answered("Deleted", {"id": PROJECT_ID, "deleted": True})

"""The names of the stages, for people, in their language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

STAGES = {
    "orchestrator": _("Project set-up"),
    "requirements_analysis": _("Requirements analysis"),
    "system_architecture": _("System architecture"),
    "agent_design": _("Agent design"),
    "tools_developer": _("Tool development"),
    "prompt_engineer": _("Prompt engineering"),
    "agent_code_developer": _("Agent code"),
    "agent_developer_manager": _("Review of the whole"),
    "agent_deployer": _("Deployment"),
}

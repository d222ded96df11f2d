"""What OpenAPI says of the API as a whole, and how the generator names what recurs."""

from __future__ import annotations

SPECTACULAR_SETTINGS = {
    "TITLE": "Nexus",
    "DESCRIPTION": "Work orders that are not lost, run twice or overspent.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Two lists of states, and the same list of decisions twice, would be named by the generator's guess.
    "ENUM_NAME_OVERRIDES": {
        "ApprovalStateEnum": "apps.api.approvals.STATES",
        "DecisionEnum": "apps.api.approvals.DECISIONS",
        "FileKindEnum": "apps.api.session_answers.KINDS",
        "SessionStatusEnum": "apps.api.session_answers.SESSION_STATUSES",
        "MessageStatusEnum": "apps.api.session_answers.MESSAGE_STATUSES",
        "SpeakerEnum": "apps.api.session_answers.SPEAKERS",
        "BusyPolicyEnum": "apps.api.session_answers.BUSY",
        "StatusEnum": "apps.api.answers.ORDER_STATES",
        "NodeStatusEnum": "apps.workflows.shapes.NODE_STATUSES",
        "WebhookDeliveryStateEnum": "apps.webhooks.answers.STATES",
        "WebhookDisabledWhyEnum": "apps.webhooks.answers.WHY",
        "MissedTicksEnum": "apps.api.schedule_shapes.MISSED",
        "TickOutcomeEnum": "apps.api.schedule_shapes.OUTCOMES",
        "InletProofEnum": "apps.api.inlet_shapes.PROOFS",
        "MemberRoleEnum": "apps.api.views.teams.ROLES",
        "BudgetKindEnum": "billing.budgets.KINDS",
        "BuildStatusEnum": "apps.builder.answers.PROJECT_STATUSES",
        "BuildStageStatusEnum": "apps.builder.answers.STAGE_STATUSES",
        "BuildJobStatusEnum": "apps.builder.answers.JOB_STATUSES",
        "AgentStatusEnum": "apps.builder.answers.AGENT_STATUSES",
        "InvocationStatusEnum": "apps.builder.answers.INVOCATION_STATUSES",
        "SystemHealthEnum": "apps.builder.answers_statistics.HEALTH",
        "BudgetStatusEnum": "billing.outlook.LABELS",
        "FilmQualityEnum": "apps.studio.models.QUALITIES",
        "FilmTaskTypeEnum": "apps.studio.shapes.TASK_TYPES",
        "FilmEventStatusEnum": "apps.studio.shapes.EVENT_STATES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

"""Projects: create, list, show, control, delete."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.access import caller_of
from apps.api import envelope, idempotency, numbered, orders, parameters
from apps.api.idempotency import Answer
from apps.api.schema import IDEMPOTENCY_KEY, problems, query
from apps.builder import answers, artefacts, beginning, controlling, examples, finding, showing
from apps.builder.models import BuildProject
from apps.builder.shapes import ControlIn, ProjectIn

STATUS = query("status", "Only projects in this state.", OpenApiTypes.STR, enum=answers.PROJECT_STATUSES)
OWNER = query("user_id", "Only projects of this user.", OpenApiTypes.STR)


class Projects(APIView):
    """The projects that build agents."""

    @extend_schema(
        operation_id="listBuildProjects",
        summary="List projects that build agents, newest first",
        parameters=[*numbered.PAGES, STATUS, OWNER],
        responses={200: answers.paged(answers.BuildProjectOut), **problems(400, 401, 403, 503)},
        examples=[examples.page("A page", examples.PROJECT)],
    )
    def get(self, request: Request) -> Response:
        """List what the caller may see."""
        parameters.only(request.query_params, (*numbered.NAMES, "status", "user_id"))
        rows = finding.projects(request)
        if (status := parameters.one_of(request.query_params, "status", answers.PROJECT_STATUSES)) is not None:
            rows = rows.filter(status=status)
        if (user := request.query_params.get("user_id")) is not None:
            rows = rows.filter(user_id=user[:64])
        return numbered.listed(request, rows, showing.projects)

    @extend_schema(
        operation_id="createBuildProject",
        summary="Have an agent built",
        parameters=[IDEMPOTENCY_KEY],
        request=ProjectIn,
        responses={
            201: answers.enveloped(answers.BuildProjectOut),
            **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
        examples=[examples.CREATE, examples.answered("The project", examples.PROJECT, status="201")],
    )
    def post(self, request: Request) -> Response:
        """Take in the requirement; the stages follow by themselves."""
        parameters.only(request.query_params, ())
        asked = ProjectIn(data=request.data)
        asked.is_valid(raise_exception=True)
        answer = idempotency.once(request, lambda: _created(request, asked.validated_data))
        return envelope.around(request, answer, "Project created")


class OneProject(APIView):
    """One project."""

    @extend_schema(
        operation_id="getBuildProject",
        summary="Show a project",
        responses={200: answers.enveloped(answers.BuildProjectOut), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("The project", examples.PROJECT)],
    )
    def get(self, request: Request, project_id: str) -> Response:
        """Show it."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(showing.project(finding.project(request, project_id))))

    @extend_schema(
        operation_id="deleteBuildProject",
        summary="Delete a project",
        description="Its build is stopped, its stages and files are gone. Agents that it deployed go on.",
        responses={200: answers.enveloped(answers.Gone), **problems(400, 401, 403, 404, 503)},
        examples=[examples.GONE],
    )
    def delete(self, request: Request, project_id: str) -> Response:
        """Delete it for good."""
        parameters.only(request.query_params, ())
        project = finding.project_to_change(request, project_id)
        controlling.end_for_good(project, actor=request.user.get_username())
        with transaction.atomic():
            BuildProject.objects.filter(pk=project.pk).delete()
            transaction.on_commit(lambda: artefacts.throw_away(project), robust=True)
        return envelope.around(request, Response({"id": project_id, "deleted": True}), "Project deleted")


class Stages(APIView):
    """The stages of a project."""

    @extend_schema(
        operation_id="listBuildStages",
        summary="List the stages of a project, in their order",
        responses={200: answers.enveloped(answers.BuildStageOut, many=True), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("A stage", [examples.STAGE])],
    )
    def get(self, request: Request, project_id: str) -> Response:
        """All of them, with what each made and took."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(showing.stages(finding.project(request, project_id))))


class Build(APIView):
    """The dashboard of a build."""

    @extend_schema(
        operation_id="getBuildDashboard",
        summary="Show a build on one page",
        responses={200: answers.enveloped(answers.Dashboard), **problems(400, 401, 403, 404, 503)},
        examples=[examples.answered("The dashboard", examples.DASHBOARD)],
    )
    def get(self, request: Request, project_id: str) -> Response:
        """Stages, metrics and costs together."""
        parameters.only(request.query_params, ())
        return envelope.around(request, Response(showing.dashboard(finding.project(request, project_id))))


class Control(APIView):
    """What a project is told."""

    @extend_schema(
        operation_id="controlBuildProject",
        summary="Pause, resume, stop, restart or cancel a build",
        description=(
            "`pause` (from building, queued): the stage that runs is finished first. `resume` (from paused). `stop` "
            "and `cancel` (from building, queued, paused): a model call that is under way is finished first. "
            "`restart` (from completed, failed, cancelled, paused): `from_stage` and all later stages are done again. "
            "From any other state: 409 with `illegal_move`, and nothing is changed."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=ControlIn,
        responses={
            200: answers.enveloped(answers.BuildProjectOut),
            **problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
        examples=[examples.RESTART, examples.answered("The project", examples.PROJECT)],
    )
    def post(self, request: Request, project_id: str) -> Response:
        """Tell it, and show it as it is then."""
        parameters.only(request.query_params, ())
        said = ControlIn(data=request.data)
        said.is_valid(raise_exception=True)
        project = finding.project_to_change(request, project_id)
        answer = idempotency.remembered(request, lambda: _told(request, project, said.validated_data))
        return envelope.around(request, answer, said.validated_data["action"])


class ProjectTasks(APIView):
    """What a project asked of workers."""

    @extend_schema(
        operation_id="listTasksOfBuildProject",
        summary="List the tasks of a project, newest first",
        parameters=[*numbered.PAGES],
        responses={200: answers.paged(answers.JobOut), **problems(400, 401, 403, 404, 503)},
        examples=[examples.page("A page", examples.JOB)],
    )
    def get(self, request: Request, project_id: str) -> Response:
        """Builds, deployments and invocations of its agents."""
        parameters.only(request.query_params, numbered.NAMES)
        project = finding.project(request, project_id)
        return numbered.listed(request, finding.jobs(request).filter(project=project), showing.jobs)


def _created(request: Request, given: dict[str, Any]) -> Answer:
    caller = caller_of(request)
    tenant = orders.project_of(orders.reach_of(caller), given.pop("project", None))
    row = beginning.begin_project(
        tenant=tenant, given=given, user_id=str(caller.user.pk), user_name=caller.user.get_username()
    )
    shown = showing.project(BuildProject.objects.with_status().select_related("tenant", "run").get(pk=row.pk))
    return Answer(201, shown, f"/api/v2/projects/{row.public_id}")


def _told(request: Request, project: BuildProject, said: dict[str, str]) -> Answer:
    controlling.control(project.pk, actor=request.user.get_username(), **said)
    return Answer(200, showing.project(finding.project(request, project.public_id)))

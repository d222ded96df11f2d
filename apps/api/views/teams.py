"""Teams: who belongs to a project, and what they may do in it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import NotFound
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import teams
from apps.accounts.access import caller_of, owned, readable
from apps.accounts.models import ACCESS_WRITE, Membership, Role
from apps.accounts.permissions import Board
from apps.api import pages, parameters
from apps.api.answers import Shape
from apps.api.errors import NotAnOwner, SlugTaken
from apps.api.fields import StrictSerializer, Text
from apps.api.idempotency import Answer, once
from apps.api.schema import CURSOR, IDEMPOTENCY_KEY, PAGE_SIZE, problems
from workorders.models import Project

ROLES = [role.value for role in Role]
TEAM = {"project": "default", "name": "Default", "role": "owner", "created_at": "2026-02-17T09:30:00.120000+00:00"}
MEMBER = {"username": "ada", "role": "editor"}
TEAM_LIST = OpenApiExample("A page", value={"results": [TEAM], "next": None, "previous": None}, response_only=True)
ONE_TEAM = OpenApiExample("The team", value=TEAM, response_only=True)
NEW_TEAM = OpenApiExample("A project", value={"project": "shop", "name": "The shop"}, request_only=True)
MEMBER_LIST = OpenApiExample("A page", value={"results": [MEMBER], "next": None, "previous": None}, response_only=True)
ONE_MEMBER = OpenApiExample("The member", value=MEMBER, response_only=True)
NEW_MEMBER = OpenApiExample("Somebody who files", value=MEMBER, request_only=True)
NEW_ROLE = OpenApiExample("Another role", value={"role": "viewer"}, request_only=True)


class Team(Shape):
    """A project, and what the caller is in it."""

    project = s.CharField(help_text="Its slug.")
    name = s.CharField()
    role = s.ChoiceField(ROLES, allow_null=True, help_text="The caller's; null for the Board, which belongs to none.")
    created_at = s.DateTimeField()


class TeamPage(Shape):
    """A page of teams."""

    results = Team(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class Member(Shape):
    """Somebody who belongs to a project."""

    username = s.CharField()
    role = s.ChoiceField(ROLES)


class MemberPage(Shape):
    """A page of members."""

    results = Member(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class TeamIn(StrictSerializer):
    """A project to be."""

    project = s.SlugField(max_length=64, help_text="Its slug.")
    name = Text(max_length=120)


class MemberIn(StrictSerializer):
    """Somebody who shall belong to it."""

    username = Text(max_length=150)
    role = s.ChoiceField(ROLES)


class RoleIn(StrictSerializer):
    """Another role."""

    role = s.ChoiceField(ROLES)


class Teams(APIView):
    """The caller's projects."""

    write_scope = ACCESS_WRITE

    def get_permissions(self) -> list[Any]:
        """Whoever belongs may look; the Board makes projects."""
        board = [] if self.request.method in SAFE_METHODS else [Board("workorders.add_project")()]
        return [*super().get_permissions(), *board]

    @extend_schema(
        operation_id="listTeams",
        summary="List the caller's projects, newest first",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: TeamPage, **problems(400, 401, 403, 503)},
        examples=[TEAM_LIST],
    )
    def get(self, request: Request) -> Response:
        """List them, with the caller's role."""
        parameters.only(request.query_params, ("cursor", "page_size"))
        caller = caller_of(request)
        page = pages.cut(readable(caller), request, of="teams")
        roles = dict(Membership.objects.filter(user=caller.user).values_list("project", "role"))
        found = [_team(row, roles.get(row.pk)) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="createTeam",
        summary="Make a project; whoever asks owns it",
        parameters=[IDEMPOTENCY_KEY],
        request=TeamIn,
        responses={201: Team, **problems(400, 401, 403, 409, 413, 415, 422, 503)},
        examples=[NEW_TEAM, ONE_TEAM],
    )
    def post(self, request: Request) -> Response:
        """Make it."""
        parameters.only(request.query_params, ())
        asked = TeamIn(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: _made(request, asked.validated_data))


class Members(APIView):
    """Who belongs to a project."""

    write_scope = ACCESS_WRITE

    @extend_schema(
        operation_id="listMembers",
        summary="List who belongs to a project",
        parameters=[PAGE_SIZE, CURSOR],
        responses={200: MemberPage, **problems(400, 401, 403, 404, 503)},
        examples=[MEMBER_LIST],
    )
    def get(self, request: Request, project: str) -> Response:
        """List them."""
        parameters.only(request.query_params, ("cursor", "page_size"))
        page = pages.cut(teams.members(_find(request, project)), request, of=f"members of {project}")
        found = [_member(row) for row in page.rows]
        return Response({"results": found, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="addMember",
        summary="Let a user belong to a project",
        parameters=[IDEMPOTENCY_KEY],
        request=MemberIn,
        responses={201: Member, **problems(400, 401, 403, 404, 409, 413, 415, 422, 503)},
        examples=[NEW_MEMBER, ONE_MEMBER],
    )
    def post(self, request: Request, project: str) -> Response:
        """Let them in."""
        parameters.only(request.query_params, ())
        asked = MemberIn(data=request.data)
        asked.is_valid(raise_exception=True)
        found = _find_owned(request, project)
        return once(
            request,
            lambda: Answer(201, _member(teams.join(found, actor=request.user.get_username(), **asked.validated_data))),
        )


class OneMember(APIView):
    """One who belongs to it."""

    write_scope = ACCESS_WRITE

    @extend_schema(
        operation_id="changeMember",
        summary="Give a member another role",
        description="A project keeps an owner: the last one is a 422 with `last_owner`.",
        request=RoleIn,
        responses={200: Member, **problems(400, 401, 403, 404, 413, 415, 422, 503)},
        examples=[NEW_ROLE, ONE_MEMBER],
    )
    def patch(self, request: Request, project: str, username: str) -> Response:
        """Change it."""
        parameters.only(request.query_params, ())
        asked = RoleIn(data=request.data)
        asked.is_valid(raise_exception=True)
        found = _find_owned(request, project)
        with transaction.atomic():
            return Response(
                _member(
                    teams.promote(
                        found, username=username, role=asked.validated_data["role"], actor=request.user.get_username()
                    )
                )
            )

    @extend_schema(
        operation_id="removeMember",
        summary="Let a member belong to a project no more",
        description="Whoever belongs may leave by themselves. The last owner is a 422 with `last_owner`.",
        responses={204: None, **problems(400, 401, 403, 404, 422, 503)},
    )
    def delete(self, request: Request, project: str, username: str) -> Response:
        """Let them go."""
        parameters.only(request.query_params, ())
        leaving = username == request.user.get_username()
        found = _find(request, project) if leaving else _find_owned(request, project)
        with transaction.atomic():
            teams.leave(found, username=username, actor=request.user.get_username())
        return Response(status=204)


def _find(request: Request, slug: str) -> Project:
    found = readable(caller_of(request)).filter(slug=slug).first()
    if found is None:
        raise NotFound("There is no such project.")
    return found


def _find_owned(request: Request, slug: str) -> Project:
    found = _find(request, slug)
    if not owned(caller_of(request)).filter(pk=found.pk).exists():
        raise NotAnOwner
    return found


def _made(request: Request, given: dict[str, str]) -> Answer:
    try:
        with transaction.atomic():
            project = Project.objects.create(slug=given["project"], name=given["name"])
    except IntegrityError:
        raise SlugTaken(pointer="#/project") from None
    Membership.objects.create(user=caller_of(request).user, project=project, role=Role.OWNER)
    project.refresh_from_db()
    return Answer(201, _team(project, Role.OWNER.value))


def _team(project: Project, role: str | None) -> dict[str, Any]:
    return {
        "project": project.slug, "name": project.name, "role": role, "created_at": project.created_at.isoformat(),
    }  # fmt: skip


def _member(membership: Membership) -> dict[str, str]:
    return {"username": membership.user.get_username(), "role": str(membership.role)}

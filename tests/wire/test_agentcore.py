"""What travels to AgentCore: a runtime is made once, asked, deleted; refused where nothing is configured."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from apps.builder.deployments import of, signing
from apps.builder.models import Agent
from tests.support import agentcore, builds, runs
from tests.support.people import a_cast
from tests.support.stories import models_answered

WHERE = "/api/v2/agents"


@pytest.fixture
def cast(tmp_path):
    with models_answered(), override_settings(NEXUS_WORKSPACES=str(tmp_path)):
        yield a_cast()


@pytest.fixture
def double():
    with agentcore.running() as running, override_settings(NEXUS_AGENTCORE=running.settings()):
        yield running


def deployed(cast):
    project = builds.created(cast.alice, deployment_type="agentcore", project_name="Far away")
    builds.built(project)
    return project


@pytest.mark.django_db(transaction=True)
def test_an_agent_is_made_asked_and_deleted_in_a_runtime(cast, double):
    project = deployed(cast)
    assert builds.look(cast.alice, project)["status"] == "completed"
    agent = Agent.objects.get()
    assert agent.agentcore_config["agentRuntimeArn"].startswith(agentcore.ARN)
    (made,) = double.asked
    assert made["body"]["agentRuntimeArtifact"]["containerConfiguration"]["containerUri"] == "123.dkr.ecr/agent:1"
    told = made["body"]["environmentVariables"]
    packed = "".join(told[f"AGENT_BUNDLE_{number}"] for number in range(len(told)))
    bundle = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert (bundle["name"], bundle["code"]) == ("far_away", agent.spec["code"])
    assert made["headers"]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "not-a-secret" not in json.dumps(double.asked)
    assert builds.asked(cast.alice, agent, "Hello").json()["data"]["output"] == "You said Hello"
    double.streams = True
    assert builds.asked(cast.alice, agent, "Hello").json()["data"]["output"] == "You said it"
    asked = double.asked[-1]
    assert asked["path"].startswith("/runtimes/arn%3Aaws%3Abedrock-agentcore")
    assert len(asked["headers"]["X-Amzn-Bedrock-AgentCore-Runtime-Session-Id".lower()]) >= 33
    assert cast.alice.client.delete(f"{WHERE}/{agent.public_id}").status_code == 200
    assert double.runtimes == {}


@pytest.mark.django_db(transaction=True)
def test_a_runtime_is_made_once_though_its_answer_was_lost(cast, double):
    double.fails = [503]
    project = deployed(cast)
    run = builds.run_of(project)
    from nexus import engine

    engine.tasks.of(run.pk).filter(state="pending").update(not_before="2000-01-01T00:00Z")
    runs.work(run)
    assert builds.look(cast.alice, project)["status"] == "completed"
    assert len({asked["body"]["clientToken"] for asked in double.asked}) == 1
    assert len(double.runtimes) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lacking", ["region", "image", "role_arn", "access_key", "secret_key"])
def test_where_nothing_is_configured_it_is_refused_by_name(lacking, double):
    from apps.builder.errors import DeploymentUnavailable

    told = {name: value for name, value in double.settings().items() if name != lacking}
    with override_settings(NEXUS_AGENTCORE=told), pytest.raises(DeploymentUnavailable, match=lacking):
        of("agentcore").check()


def test_a_request_is_signed_as_aws_documents_it():
    keys = signing.Keys(
        access_key="AKIDEXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region="us-east-1",
        service="iam",
    )  # fmt: skip
    told = signing.signed(
        keys, method="GET", url="https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, body=b"",
        at=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )  # fmt: skip
    assert told["authorization"].endswith("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")

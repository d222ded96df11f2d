"""In a runtime of AWS Bedrock AgentCore: its control plane makes the runtime, its data plane is asked.

The runtime's image is the operator's, and is told what the agent is by the variables AGENT_BUNDLE_0, _1 and so on.
Making one carries a token of its own, so that a repetition makes no second one. AWS bills it: no line of our ledger is
about it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx2
from django.conf import settings

from apps.builder.errors import DeploymentUnavailable, RuntimeFailed
from apps.builder.models import Agent
from nexus import engine

from .base import Bundle, Said
from .signing import Keys, signed

SERVICE = "bedrock-agentcore"
SESSION = "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"
SHORTEST_SESSION = 33
"""Characters that the runtime wants of a session's id."""
WITHIN = 120.0
LONGEST_VALUE, MOST_VALUES = 4_800, 40
"""Characters that AWS takes as the value of a variable, and how many of them."""
MOST_ANSWER = 1_000_000
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the planes are, and what a runtime is made of."""

    control_url: str
    data_url: str
    image: str
    role_arn: str
    keys: Keys

    @classmethod
    def configured(cls) -> Place:
        """As the operator has set it; raise DeploymentUnavailable where something is missing."""
        told: Mapping[str, str] = settings.NEXUS_AGENTCORE
        lacking = [name for name in ("region", "image", "role_arn", "access_key", "secret_key") if not told.get(name)]
        if lacking:
            raise DeploymentUnavailable(f"AgentCore is not configured: NEXUS_AGENTCORE lacks {', '.join(lacking)}")
        region = told["region"]
        keys = Keys(
            access_key=told["access_key"], secret_key=told["secret_key"], region=region, service=SERVICE,
            session_token=told.get("session_token", ""),
        )  # fmt: skip
        return cls(
            control_url=told.get("control_url") or f"https://{SERVICE}-control.{region}.amazonaws.com",
            data_url=told.get("data_url") or f"https://{SERVICE}.{region}.amazonaws.com",
            image=told["image"], role_arn=told["role_arn"], keys=keys,
        )  # fmt: skip


class AgentCore:
    """Agents that run in AgentCore."""

    def check(self) -> None:
        """Raise DeploymentUnavailable where nothing is configured."""
        Place.configured()

    def send(self, context: engine.Context, agent_id: str, bundle: Bundle) -> Json:
        """Make a runtime; sent again with the same bundle, it is the one that is there."""
        place = Place.configured()
        told = _bundled(bundle)
        request = {
            "agentRuntimeName": agent_id.replace("-", "_"),
            "agentRuntimeArtifact": {"containerConfiguration": {"containerUri": place.image}},
            "networkConfiguration": {"networkMode": "PUBLIC"},
            "protocolConfiguration": {"serverProtocol": "HTTP"},
            "roleArn": place.role_arn,
            "environmentVariables": told,
            "description": bundle.description[:200],
        }

        def act(key: str) -> Mapping[str, Any]:
            return _asked(place, "PUT", f"{place.control_url}/runtimes/", {**request, "clientToken": key})

        done = engine.perform(
            context, key=f"deploy:{bundle.name}", kind="idempotent", name="agentcore.create_runtime", request=request,
            act=act,
        )  # fmt: skip
        names = ("agentRuntimeArn", "agentRuntimeId", "agentRuntimeVersion", "status")
        return {name: done.response[name] for name in names if name in done.response} | {"region": place.keys.region}

    def start(self, agent: Agent) -> None:
        """The runtime runs by itself."""

    def stop(self, agent: Agent) -> None:
        """Nobody is let in here; the runtime is AWS's until the agent is deleted."""

    def answer(self, context: engine.Context, agent: Agent, text: str, *, session_id: str) -> Said:
        """Ask the runtime; its words as one text, whether they stream or not."""
        place = Place.configured()
        context.check()
        arn = quote(str(agent.agentcore_config.get("agentRuntimeArn", "")), safe="")
        body = {"prompt": text, "sessionId": session_id}
        found = _asked(
            place, "POST", f"{place.data_url}/runtimes/{arn}/invocations?qualifier=DEFAULT", body,
            {SESSION: session_id.ljust(SHORTEST_SESSION, "0"), "Accept": "application/json, text/event-stream"},
        )  # fmt: skip
        return Said(text=_text(found), metadata={"runtime": "agentcore"})

    def remove(self, agent: Agent) -> None:
        """Delete the runtime; one that is gone is as good."""
        runtime = agent.agentcore_config.get("agentRuntimeId")
        if runtime:
            place = Place.configured()
            _asked(place, "DELETE", f"{place.control_url}/runtimes/{quote(str(runtime), safe='')}/", None, gone=True)


def _bundled(bundle: Bundle) -> dict[str, str]:
    """The agent as variables: JSON, gzipped, in base64, cut into as many as it needs."""
    told = {
        "name": bundle.name, "system_prompt": bundle.system_prompt, "code": bundle.code,
        "tools": [dict(tool) for tool in bundle.tools],
    }  # fmt: skip
    packed = gzip.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
    text = base64.b64encode(packed).decode()
    pieces = [text[at : at + LONGEST_VALUE] for at in range(0, len(text), LONGEST_VALUE)]
    if len(pieces) > MOST_VALUES:
        raise DeploymentUnavailable(f"The agent is too large for AgentCore: {len(text)} characters")
    return {f"AGENT_BUNDLE_{number}": piece for number, piece in enumerate(pieces)}


def _asked(
    place: Place, method: str, url: str, body: Json | None, headers: Mapping[str, str] | None = None, *,
    gone: bool = False,
) -> Json:  # fmt: skip
    """The answer as JSON; what streams is {"text"}. Raise RuntimeFailed, and never with a secret in it."""
    sent = b"" if body is None else json.dumps(body).encode()
    told = signed(
        place.keys, method=method, url=url, headers={"Content-Type": "application/json", **(headers or {})}, body=sent,
        at=datetime.now(UTC),
    )  # fmt: skip
    try:
        with httpx2.Client(timeout=WITHIN, trust_env=False) as client:
            answer = client.request(method, url, content=sent, headers=told)
    except httpx2.HTTPError as error:
        raise RuntimeFailed(f"AgentCore does not answer: {type(error).__name__}") from error
    if answer.status_code == 404 and gone:
        return {}
    if answer.status_code >= 400:
        said = answer.headers.get("x-amzn-errortype", "").partition(":")[0] or f"status {answer.status_code}"
        if answer.status_code in (400, 403, 404):
            raise DeploymentUnavailable(f"AgentCore refuses it: {said}")
        raise RuntimeFailed(f"AgentCore answers {said}")
    return _read(answer)


def _read(answer: httpx2.Response) -> Json:
    text = answer.text[:MOST_ANSWER]
    if "text/event-stream" in answer.headers.get("content-type", ""):
        pieces = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")]
        return {"text": "".join(_piece(piece) for piece in pieces)}
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": found if isinstance(found, str) else text}


def _piece(piece: str) -> str:
    """A piece of a stream: a JSON string, an object with a text, or words as they are."""
    try:
        found = json.loads(piece)
    except ValueError:
        return piece
    return found if isinstance(found, str) else _text(found) if isinstance(found, dict) else piece


def _text(found: Json) -> str:
    for name in ("text", "result", "response", "output", "completion", "message", "data"):
        if isinstance(found.get(name), str):
            return str(found[name])
    return json.dumps(found, ensure_ascii=False)

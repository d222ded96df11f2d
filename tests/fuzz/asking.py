"""Operations -> requests -> what is wrong with the answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .ground import Ground

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PATIENCE = 20
"""Seconds that an answer may take. One that takes longer is a finding, but for what lasts."""
LASTING = re.compile(r"/(events|stream|invoke|apply)$|^/v1/|^/api/chat")
"""What is told as it comes, or waits for a model: here no worker answers, so a request that is right is not ended."""
SHORT = 0.3
LONGEST = 400
"""Characters of a finding that are shown."""


@dataclass(frozen=True)
class Finding:
    """An answer that is wrong."""

    operation: str
    what: str
    sent: str


@dataclass
class Report:
    """What was asked, and what is wrong."""

    operations: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def lines(self) -> list[str]:
        """For people; one of each kind for each operation."""
        told = {(one.operation, one.what.split("\n")[0]): one for one in self.findings}
        return [f"{one.operation}\n    {one.what}\n    {one.sent}" for one in told.values()]


def ask_everything(
    there: Ground, *, examples: int, only: str = "", number: int = 0, modes: Sequence[GenerationMode] = ()
) -> Report:
    """Ask every operation whose path has `only` in it, so many times; `number` seeds what is asked."""
    report = Report()
    schema = schemathesis.openapi.from_url(f"{there.url}/api/schema")
    with requests.Session() as session:
        session.trust_env = False
        for operation in _operations(schema, only):
            report.operations.append(_name(operation))
            for mode in modes or (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _ask(operation, mode, there, session, report, examples=examples, number=number)
    return report


def _operations(schema: Any, only: str) -> Iterator[Any]:
    """Every operation; what takes something away comes last."""
    found = [one.ok() for one in schema.get_all_operations()]
    yield from (one for one in sorted(found, key=_place) if re.search(only, one.path))


def _place(operation: Any) -> tuple[bool, str]:
    return operation.method.upper() == "DELETE", operation.path


def _name(operation: Any) -> str:
    return f"{operation.method.upper()} {operation.path}"


def _ask(
    operation: Any, mode: GenerationMode, there: Ground, session: requests.Session, report: Report, *, examples: int,
    number: int,
) -> None:  # fmt: skip
    name = _name(operation)
    lasts = bool(LASTING.search(operation.path))

    # What is not allowed is refused before anything is done: it needs fewer.
    few = (3 if lasts else 1) * (2 if mode is GenerationMode.NEGATIVE else 1)
    times = max(1, examples // few)

    @seed(number)
    @settings(
        max_examples=times, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), is_drawn=st.booleans())
    def once(case: Any, is_drawn: bool) -> None:
        if not is_drawn:  # as it is in the first of all examples
            _name_what_there_is(case, there.known.get(operation.path, {}))
        report.asked[name] += 1
        try:
            answer = case.call(
                base_url=there.url, session=session, headers={"Authorization": f"Bearer {there.key}"},
                timeout=SHORT if lasts else PATIENCE,
            )  # fmt: skip
        except requests.Timeout:
            if not lasts:
                report.findings.append(Finding(name, "no answer in time", repr(case)[:LONGEST]))
            return
        report.answered[answer.status_code] += 1
        _check(name, case, answer, report)

    try:
        once()
    except Unsatisfiable:
        return  # there is nothing that it does not allow


def _check(name: str, case: Any, answer: Any, report: Report) -> None:
    try:
        case.validate_response(answer, checks=CHECKS)
    except (FailureGroup, Failure) as failed:
        what = getattr(failed, "exceptions", (failed,))
        said = "; ".join(str(one).strip() for one in what)[:LONGEST]
        text = answer.content[:LONGEST].decode("utf-8", "replace")
        sent = f"{answer.status_code} {text!r} for {case.as_curl_command()[:LONGEST]}"
        report.findings.append(Finding(name, said, sent))


def _name_what_there_is(case: Any, parts: Mapping[str, str]) -> None:
    """Let it ask about something that exists; a part that nothing was made for stays as it was drawn."""
    drawn = dict(case.path_parameters or {})
    if drawn:
        case.path_parameters = drawn | {name: value for name, value in parts.items() if name in drawn}

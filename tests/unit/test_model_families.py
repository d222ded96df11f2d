"""The name of a model -> its family: in lower case, the first pattern that it holds."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from agents import families
from nexus.queues.catalog import NAMES


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gemini-2.5-flash", "gemini"),
        ("GEMINI-PRO", "gemini"),
        ("stable-diffusion", "sd"),
        ("sdxl-turbo", "sd"),
        ("deepseek-chat", "deepseek"),
        ("deepseek-distilled-gemini", "gemini"),
        ("gpt-4o", None),
        ("", None),
    ],
)
def test_the_first_family_with_a_pattern_in_the_name_is_the_one(model, family):
    found = families.of(model)
    assert (found.name if found else None) == family


def test_what_belongs_to_none_goes_to_the_usual_one():
    assert families.usual().name == "gemini"
    with override_settings(NEXUS_MODEL_FAMILY="nobody"), pytest.raises(ImproperlyConfigured):
        families.usual()


def test_every_family_has_a_queue_of_its_own():
    queues = [family.queue for family in families.known().values()]
    assert queues == ["nexus.model.gemini", "nexus.model.sd", "nexus.model.deepseek"]
    assert set(queues) <= NAMES


def test_patterns_are_data():
    told = {"mistral": {"patterns": ["mistral", "Codestral"], "model": "mistral-large"}}
    with override_settings(NEXUS_MODEL_FAMILIES=told):
        found = families.of("codestral-2")
        assert found is not None
        assert (found.model_of("codestral-2"), found.model_of("mistral")) == (
            "mistral/codestral-2", "mistral/mistral-large",
        )  # fmt: skip
    with override_settings(NEXUS_MODEL_FAMILIES={"x": {"patterns": "x"}}), pytest.raises(ImproperlyConfigured):
        families.known()


@pytest.mark.parametrize("told", [{"mistral": {"patterns": ["mistral"]}}, {"x": {"patterns": "x"}}])
def test_a_family_whose_work_nobody_would_take_is_said_at_start(told):
    with override_settings(NEXUS_MODEL_FAMILIES=told):
        assert [found.id for found in run_checks(tags=["agents"])] == ["agents.E004"]
    assert run_checks(tags=["agents"]) == []

"""Execute: the tasks that do the work. Texts travel from task to task through their outputs."""

from __future__ import annotations

from typing import Any

from agents.contracts import Answer
from nexus import engine
from workorders import asking, attached, criteria, document, rules
from workorders.language import language_of
from workorders.models import WorkOrder

FILES_SHOWN = 60_000
"""Characters of files that a prompt holds in all; of longer ones it holds the head and the tail."""


def gather(context: engine.Context) -> engine.Outcome:
    """Collect what every later task starts from: the request, the brief, the files, the criteria. No model."""
    order = WorkOrder.objects.of_run(context.run_id)
    checks = context.outputs()["plan"]["checks"]
    share = FILES_SHOWN // max(len(order.files), 1)
    return engine.Done(
        output={
            "title": rules.title_of(order.message),
            "text": order.brief,
            "files": {f"File {file['name']}": rules.excerpt(file["content"], share) for file in order.files},
            "attachments": attached.lines(order),
            "criteria": list(criteria.lines(one for one in checks if one["by"] != "house")),
        }
    )


def outline(context: engine.Context) -> engine.Outcome:
    """Say, before the sections are written side by side, what goes where."""
    order = WorkOrder.objects.of_run(context.run_id)
    plan = context.outputs()["plan"]
    parts = {section["title"]: section["focus"] for section in plan["sections"]}
    gathered = context.parents()["gather"]
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="outline",
        inputs={"plan": plan["summary"], **parts, **gathered["files"]},
        criteria=gathered["criteria"],
        sees=True,
    )
    return engine.Done(output={"title": "Outline", **_text(answer)})


def section(context: engine.Context) -> engine.Outcome:
    """Write one section: from the outline, and from the sections that it builds on."""
    order = WorkOrder.objects.of_run(context.run_id)
    gathered = context.outputs()["gather"]
    before = {parent["title"]: parent["text"] for parent in context.parents().values()}
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="section",
        section=(context.input["title"], context.input["focus"]),
        inputs={**before, **gathered["files"]},
        criteria=gathered["criteria"],
        sees=True,
    )
    return engine.Done(output={"title": context.input["title"], **_text(answer)})


def assemble(context: engine.Context) -> engine.Outcome:
    """Join the sections, in the plan's order, into one document. No model: the same sections, the same document."""
    outputs = context.outputs()
    order = WorkOrder.objects.of_run(context.run_id)
    written = [outputs[key] for key in context.input["sections"]]
    text = document.assemble(
        title=outputs["gather"]["title"],
        summary=outputs["plan"]["summary"],
        parts=[document.Part(title=one["title"], text=one["text"]) for one in written],
        came_with=outputs["gather"].get("attachments", ()),
        language=language_of(order.message),
    )
    return engine.Done(output={"text": text, "sections": len(written)})


def revise(context: engine.Context) -> engine.Outcome:
    """Write the document again by the reasons that review gave for refusing it."""
    order = WorkOrder.objects.of_run(context.run_id)
    outputs = context.outputs()
    (refusal,) = context.parents().values()
    answer = asking.ask(
        context,
        order=order,
        role=context.input["role"],
        kind="revise",
        draft=outputs[context.input["draft"]]["text"],
        feedback=refusal["reasons"],
        criteria=outputs["gather"]["criteria"],
        sees=True,
    )
    return engine.Done(output=_text(answer))


def _text(answer: Answer) -> dict[str, Any]:
    """A model's text as an output; `cut` says that it ran into its limit of tokens."""
    return {"text": answer.text.strip(), "cut": answer.stop_reason == "max_tokens"}

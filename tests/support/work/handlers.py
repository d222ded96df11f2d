"""Task types for tests: each does what its input says."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx2

from agents import calls, tools
from agents.loop.converse import converse
from agents.providers.messages import ToolUse
from nexus import engine
from tests.support.loopback import NOBODY


@engine.handler("test.echo", queue="nexus.agents", max_attempts=3)
def echo(context: engine.Context) -> engine.Outcome:
    """Answer the input and what the parents said."""
    context.check()
    return engine.Done(output={"said": context.input.get("say"), "heard": context.parents()})


@engine.handler("test.short", queue="nexus.agents", max_attempts=3)
def short(context: engine.Context) -> engine.Outcome:
    """Answer which attempt it is, at once, or when the file `until` is there, or fail first; keep a diary."""
    if "diary" in context.input:
        with Path(context.input["diary"]).open("a") as diary:
            diary.write(f"{context.key}\n")
    while "until" in context.input and not Path(context.input["until"]).exists():
        time.sleep(0.01)
    if context.attempt == 1 and "fails" in context.input:
        raise RuntimeError(context.input["fails"])
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.tool", queue="nexus.tools", max_attempts=3)
def tool(context: engine.Context) -> engine.Outcome:
    """Answer the keys of the parents, from a queue of its own."""
    return engine.Done(output={"heard": sorted(context.parents())})


@engine.handler("test.fails", queue="nexus.agents", max_attempts=3)
def fails(context: engine.Context) -> engine.Outcome:
    """Raise until the attempt that the input names."""
    if context.attempt < context.input.get("until", 99):
        raise RuntimeError(f"attempt {context.attempt} with password=hunter2secret")
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.answers", queue="nexus.agents", max_attempts=3)
def answers(context: engine.Context) -> engine.Outcome:
    """Answer the outcome that the input names."""
    outcomes: dict[str, engine.Outcome] = {
        "refused": engine.Refused(code="no", message="never"),
        "park": engine.Park(code="ask", message="may I?", detail={"amount": 3}),
        "give_back": engine.GiveBack(code="away", message="provider down", after=context.input.get("after", 0)),
        "retry": engine.Retry(code="again", message="once more", after=0),
        "done": engine.Done(),
    }
    return outcomes[context.input["answer"]]


@engine.handler("test.draws", queue="nexus.control", max_attempts=3)
def draws(context: engine.Context) -> engine.Outcome:
    """Draw the tasks that the input lists, in its own settle."""
    return engine.Done(
        then=[engine.TaskSpec(**{**one, "after": tuple(one.get("after", ()))}) for one in context.input["then"]]
    )


@engine.handler("test.dies", queue="nexus.tools", max_attempts=2)
def dies(context: engine.Context) -> engine.Outcome:
    """Kill the process it runs in on the first attempt."""
    if context.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.waits", queue="nexus.agents", max_attempts=3)
def waits(context: engine.Context) -> engine.Outcome:
    """Work until the file `until` is there, looking whether to stop as any handler should."""
    while not Path(context.input["until"]).exists():
        context.check()
        time.sleep(0.1)
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.asks", queue="nexus.agents", max_attempts=4)
def asks(context: engine.Context) -> engine.Outcome:
    """Ask a model as many times as the input says, one step after the other."""
    for step in range(1, context.input.get("steps", 1) + 1):
        calls.call(context, role="intern", step=step, system="Be brief.", prompt=f"step {step}", max_tokens=200)
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.proposes", queue="nexus.agents", max_attempts=3)
def proposes(context: engine.Context) -> engine.Outcome:
    """Ask people about a draft, and again about each revision of it; answer what they decided."""
    decision = context.decision()
    if decision is None or decision.outcome == "revised":
        text = context.input.get("text", "a draft") + (f", {decision.reason}" if decision else "")
        gate = engine.Gate(**{"message": "May this go out?", **context.input.get("gate", {})})
        return engine.Ask(gate=gate, content={"text": text})
    answer = {"outcome": decision.outcome, "content": decision.content, "reason": decision.reason, "by": decision.by}
    return engine.Done(output=answer)


@engine.handler("test.loses", queue="nexus.agents", max_attempts=3)
def loses(context: engine.Context) -> engine.Outcome:
    """Find its lease lost on the first attempt, as after a heartbeat that came too late."""
    context.signals.lost = context.attempt == 1
    context.check()
    return engine.Done(output={"attempt": context.attempt})


@engine.handler("test.reads", queue="nexus.agents", max_attempts=2)
def reads(context: engine.Context) -> engine.Outcome:
    """Ask a model for an object of the schema that the input brings."""
    answer = calls.call(
        context, role="intern", step=1, system="Be brief.", prompt="a verdict", schema=context.input["schema"]
    )
    return engine.Done(output={"data": answer.data})


@engine.handler("test.devours", queue="nexus.tools", max_attempts=2)
def devours(context: engine.Context) -> engine.Outcome:
    """Use as many megabytes as the input says; die as the kernel's killer would have it when there are no more."""
    try:
        eaten = bytearray(context.input["megabytes"] * 2**20)
    except MemoryError:
        if context.input.get("killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        raise
    return engine.Done(output={"eaten": len(eaten)})


@engine.handler("test.makes", queue="nexus.agents", max_attempts=3)
def makes(context: engine.Context) -> engine.Outcome:
    """Put out as many kilobytes as the input says."""
    return engine.Done(output={"made": "x" * (1024 * context.input["kilobytes"])})


@engine.handler("test.weighs", queue="nexus.tools", max_attempts=3)
def weighs(context: engine.Context) -> engine.Outcome:
    """Say how many parents there are and how many bytes they put out."""
    parents = context.parents()
    return engine.Done(output={"parents": len(parents), "bytes": sum(len(one["made"]) for one in parents.values())})


@engine.handler("test.clock", queue="nexus.agents", max_attempts=3)
def clock(context: engine.Context) -> engine.Outcome:
    """Say what time this process takes it to be."""
    return engine.Done(output={"now": time.time()})


@engine.handler("test.spends", queue="nexus.agents", max_attempts=3)
def spends(context: engine.Context) -> engine.Outcome:
    """Wait until the file `until` is there, as everybody else does; then ask a model once."""
    while not Path(context.input["until"]).exists():
        context.check()
        time.sleep(0.05)
    calls.call(context, role="intern", step=1, system="Be brief.", prompt="one of many", max_tokens=200)
    return engine.Done()


@engine.handler("test.pays", queue="nexus.agents", max_attempts=6)
def pays(context: engine.Context) -> engine.Outcome:
    """Pay what the input says at the payment server that it names, as an effect of the kind that it names."""
    order = {"amount": context.input.get("amount", 5), "note": context.input.get("note", "")}
    url = f"{context.input['url']}/charges"

    def act(key: str) -> dict[str, Any]:
        answer = httpx2.post(url, json=order, headers={"Idempotency-Key": key}, timeout=5, verify=NOBODY)
        if answer.status_code == 402:
            raise engine.EffectFailed("the card was declined", again=context.input.get("again", False))
        return dict(answer.raise_for_status().json())

    try:
        paid = engine.perform(context, key="pay", kind=context.input["kind"], name="pay", request=order, act=act)
    except engine.EffectFailed as failed:
        return engine.Done(output={"failed": str(failed)})
    return engine.Done(output={"paid": paid.response, "replayed": paid.replayed})


@engine.handler("test.uses", queue="nexus.agents", max_attempts=4)
def uses(context: engine.Context) -> engine.Outcome:
    """Use the tool that the input names, as an agent that asks for it would."""
    asked = ToolUse(id="toolu_one", name=context.input["tool"], input=context.input["input"])
    result = tools.use(context, role="intern", use=asked)
    return engine.Done(output={"text": result.text, "is_error": result.is_error})


@engine.handler("test.converses", queue="nexus.agents", max_attempts=4, timeout=60)
def converses(context: engine.Context) -> engine.Outcome:
    """Let the intern work with the tools that the input names until it has answered."""
    answer = converse(
        context, role="intern", system="Be brief.", prompt=context.input["prompt"], tools=context.input["tools"]
    )
    facts = {"text": answer.text, "replayed": answer.replayed, "stop_reason": answer.stop_reason}
    return engine.Done(output=facts | {"tokens": answer.input_tokens, "cost_usd": str(answer.cost_usd)})

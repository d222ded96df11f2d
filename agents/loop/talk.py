"""A conversation as it is stored: how it began, every turn since, and what they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from agents import answers, tokens, tools
from agents.contracts import Answer
from agents.providers import messages
from agents.providers.messages import Block, Text, ToolOffer, ToolResult, ToolUse, Turn
from billing import money
from nexus import engine
from nexus.transactions import opens_transaction

from .limits import Used
from .models import Talk, TalkTurn

TURN, REFUSED = "agent.turn", "tool.refused"
BREAK = "\n\n"
BOUGHT = ("model", "provider", "role", "sandbox", "stop_reason", "input_tokens", "output_tokens")


@dataclass
class Conversation:
    """One execution's hold on a conversation: what is stored, and the way to store more."""

    context: engine.Context
    row: Talk
    turns: list[TalkTurn] = field(default_factory=list)

    @property
    def offers(self) -> tuple[ToolOffer, ...]:
        """The tools that it began with."""
        return tuple(ToolOffer(**offer) for offer in self.row.offers)

    @property
    def asked(self) -> int:
        """How often the model has spoken."""
        return sum(turn.speaker == "assistant" for turn in self.turns)

    @property
    def step(self) -> int:
        """Of the model's last turn; before its first, one too few."""
        return int(self.row.step) + self.asked - 1

    @property
    def last(self) -> TalkTurn | None:
        """The last turn since the opening."""
        return self.turns[-1] if self.turns else None

    def used(self, *, since: str = "") -> Used:
        """What it took so far; since people last decided at a checkpoint that begins so, where one is given."""
        decided = [turn.number for turn in self.turns if since and turn.about.startswith(since)]
        turns = self.turns[decided[-1] :] if decided else self.turns
        taken = [turn.answer for turn in turns if turn.answer]
        return Used(
            turns=len(taken),
            tokens=sum(answer["input_tokens"] + answer["output_tokens"] for answer in taken),
            seconds=sum(turn.seconds for turn in turns),
            cost_usd=sum((Decimal(answer["cost_usd"]) for answer in taken), start=money.ZERO),
        )

    def said(self) -> tuple[Turn, ...]:
        """All of it, as a model is told: what one side said in several pieces is one turn."""
        whole = list(messages.of_json(self.row.opening))
        for turn in self.turns:
            blocks = messages.blocks_of_json(turn.blocks)
            if not blocks:
                continue
            if whole and whole[-1].speaker == turn.speaker:
                whole[-1] = replace(whole[-1], blocks=(*whole[-1].blocks, *blocks))
            else:
                whole.append(Turn(speaker=turn.speaker, blocks=blocks))  # type: ignore[arg-type]  # a constraint
        return tuple(whole)

    def given(self) -> str:
        """The words that its model was given to read: those of people, of other tasks and of tools."""
        blocks = [block for turn in self.said() if turn.speaker == "user" for block in turn.blocks]
        read = [block.text for block in blocks if isinstance(block, Text | ToolResult)]
        return "\n".join((self.row.system, *read))

    def words(self) -> str:
        """All that the model has said, as it was heard: what came before tools and what came after is set apart."""
        said, cut = "", False
        for turn in self.turns:
            if turn.answer is None:
                continue
            words = messages.words(messages.blocks_of_json(turn.blocks))
            said += f"{BREAK if said and words and not cut else ''}{words}"
            cut = is_cut(turn)
        return said

    def done(self) -> list[tuple[ToolUse, ToolResult | None]]:
        """Every tool that was asked for, oldest first, with what came of it."""
        found: list[tuple[ToolUse, ToolResult | None]] = []
        for turn in self.turns:
            blocks = messages.blocks_of_json(turn.blocks)
            results = {block.id: block for block in blocks if isinstance(block, ToolResult)}
            # An id is unique in its answer, and the results of an answer come before the next one.
            found = [(use, result or results.get(use.id)) for use, result in found]
            found += [(block, None) for block in blocks if isinstance(block, ToolUse)]
        return found

    def uses(self) -> list[ToolUse]:
        """Every tool that was asked for, oldest first."""
        blocks = [block for turn in self.turns for block in messages.blocks_of_json(turn.blocks)]
        return [block for block in blocks if isinstance(block, ToolUse)]

    def pieces(self) -> list[TalkTurn]:
        """The turns of the model that are its last words: several where it ran into its limit of tokens."""
        found: list[TalkTurn] = []
        for turn in reversed(self.turns):
            if turn.answer is None:
                continue
            if found and not is_cut(turn):
                break
            found.insert(0, turn)
        return found

    def answer(self, *, replayed: bool) -> Answer:
        """Its end, with the tokens and the cost of all of it."""
        pieces = self.pieces()
        blocks = messages.blocks_of_json(pieces[-1].blocks)
        text = "".join(messages.words(messages.blocks_of_json(piece.blocks)) for piece in pieces)
        taken = [turn.answer for turn in self.turns if turn.answer]
        last = taken[-1]
        return Answer(
            text=text, blocks=blocks, data=None, model=last["model"], role=last["role"], provider=last["provider"],
            input_tokens=sum(answer["input_tokens"] for answer in taken),
            output_tokens=sum(answer["output_tokens"] for answer in taken),
            cost_usd=self.used().cost_usd, replayed=replayed,
            sandbox=any(answer["sandbox"] for answer in taken), stop_reason=last["stop_reason"],
        )  # fmt: skip

    def keep_answer(self, answer: Answer, *, seconds: float, at_most: int) -> None:
        """Store what the model said."""
        kept = {name: getattr(answer, name) for name in BOUGHT} | {"cost_usd": money.text(answer.cost_usd)}
        facts = {
            "turn": self.asked + 1, "at_most": at_most, "asks_for": [use.name for use in answer.tool_uses],
            "stop_reason": answer.stop_reason, "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens, "cost_usd": kept["cost_usd"], "model": answer.model,
        }  # fmt: skip
        self._keep("assistant", answer.blocks, answer=kept, seconds=seconds, tell=[(TURN, facts)])

    def keep_results(
        self, results: Sequence[Block], *, seconds: float, refused: Sequence[dict[str, Any]] = ()
    ) -> None:  # fmt: skip
        """Store what the model is told of its tools, and tell the feed of those that were not used at all."""
        self._keep("user", results, seconds=seconds, tell=[(REFUSED, facts) for facts in refused])

    def keep_words(self, text: str, *, about: str = "") -> None:
        """Store what the model is told by us, or by people who decided `about` a checkpoint; nothing may be said."""
        self._keep("user", (Text(text=text),) if text else (), about=about)

    @opens_transaction
    def _keep(
        self, speaker: str, blocks: Sequence[Block], *, answer: dict[str, Any] | None = None, about: str = "",
        seconds: float = 0.0, tell: Sequence[tuple[str, dict[str, Any]]] = (),
    ) -> None:  # fmt: skip
        # The feed locks the run, hold() the task: in this order, as everywhere. An execution that was overtaken is
        # stopped by hold(), so nobody else writes this number.
        for kind, facts in tell:
            engine.tell(run_id=self.context.run_id, task_id=self.context.task_id, kind=kind, data=facts)
        self.context.hold()
        stored = tokens.clean_json(messages.blocks_as_json(blocks))
        number = len(self.turns) + 1
        turn = TalkTurn.objects.create(
            talk=self.row, number=number, speaker=speaker, blocks=stored, answer=answer, about=about, seconds=seconds
        )
        self.turns.append(turn)


def is_cut(turn: TalkTurn) -> bool:
    """Whether the model was cut off in its words."""
    asks = any(block["kind"] == "tool_use" for block in turn.blocks)
    return not asks and (turn.answer or {}).get("stop_reason") in answers.CUT


def stored(context: engine.Context, *, step: int) -> Conversation | None:
    """What is stored of the task's conversation; None when it has not begun."""
    row = Talk.objects.filter(task_id=context.task_id, step=step).first()
    return None if row is None else Conversation(context, row, list(row.turns.all()))


def begun(
    context: engine.Context, *, role: str, step: int, system: str, opening: Sequence[Turn], only: frozenset[str]
) -> Conversation:
    """The conversation of this step, with every turn that is stored; a new one where there is none.

    `only` are names of tools, or beginnings of names with a star.
    """
    if (talk := stored(context, step=step)) is not None:
        return talk
    told = tools.offers(role=role, project=context.tenant, order=context.subject)
    offers = [offer for offer in told if any(_names(pattern, offer.name) for pattern in only)]
    row = Talk(
        task_id=context.task_id, run_id=context.run_id, step=step, role=role, system=tokens.clean(system),
        opening=tokens.clean_json(messages.as_json(opening)), offers=[asdict(offer) for offer in offers],
    )  # fmt: skip
    return Conversation(context, _begin(context, row))


@opens_transaction
def _begin(context: engine.Context, row: Talk) -> Talk:
    context.hold()
    row.save(force_insert=True)
    return row


def _names(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern

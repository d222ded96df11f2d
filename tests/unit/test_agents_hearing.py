"""Who writes more than was reserved for is cut, and nobody else."""

from __future__ import annotations

import pytest

from agents.contracts import Fate, Trace
from agents.errors import Overspent, StreamTruncated
from agents.hearing import Ear, most_bytes

TRUNCATED = StreamTruncated(trace=Trace(fate=Fate.UNKNOWN))


def test_an_answer_within_its_bytes_is_heard_to_the_end() -> None:
    said: list[str] = []
    ear = Ear(said.append, most=6)
    ear("工")
    ear("abc")
    assert (ear.text, said) == ("工abc", ["工", "abc"])
    assert ear.reason(TRUNCATED) is TRUNCATED


def test_one_byte_more_ends_the_stream_and_says_why() -> None:
    ear = Ear(lambda _text: None, most=6)
    ear("工abc")
    with pytest.raises(Exception, match=r"^$"):
        ear("d")
    reason = ear.reason(TRUNCATED)
    assert isinstance(reason, Overspent)
    assert (reason.trace, reason.disposition, ear.text) == (TRUNCATED.trace, "retry", "工abcd")


@pytest.mark.parametrize(
    "text", ["indeed " * 200, "工单" * 200, "    x = 1\n" * 200, "| --- | --- |\n" * 100, "!" * 800]
)
def test_an_answer_of_as_many_tokens_as_it_may_have_is_never_cut(text: str) -> None:
    """Tokens of three bytes at least, which is what the densest of these has."""
    assert len(text.encode()) <= most_bytes(len(text.encode()) // 16)


def test_a_listener_that_fails_costs_nothing_still() -> None:
    def fails(_text: str) -> None:
        raise OSError("gone")

    ear = Ear(fails, most=100)
    ear("a")
    ear("b")
    assert ear.text == "ab"

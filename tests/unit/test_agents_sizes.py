"""What a request may cost before it is sent: pictures, documents, tools, and everything that is text."""

from __future__ import annotations

import base64
import zlib
from typing import Any
from uuid import uuid4

import pytest

from agents import tokens
from agents.providers import pdf, sizes
from agents.providers.base import ProviderRequest
from agents.providers.messages import Document, Image, Text, Thinking, ToolOffer, ToolResult, ToolUse, Turn, said

SIZES = sizes.Sizes(image=5_000, page=10_000, window=1_000_000)


def request(*blocks: Any, **changes: Any) -> ProviderRequest:
    turns = (Turn(speaker="user", blocks=blocks),) if blocks else (said("Hi"),)
    given: dict[str, Any] = {"id": uuid4(), "model": "m", "system": "", "turns": turns, "max_tokens": 9}
    return ProviderRequest(**given | changes)


def most(*blocks: Any, **changes: Any) -> int:
    return sizes.at_most(request(*blocks, **changes), SIZES)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


BARE = most()


@pytest.mark.parametrize(
    ("block", "least"),
    [
        (Text(text="x" * 1000), 1000),
        (Image(media_type="image/png", data="aGk="), 5_000),
        (ToolResult(id="t", text="汉" * 100), 300),
        (ToolUse(id="t", name="look", input={"at": "x" * 500}), 500),
        (Thinking(text="short", signature="s" * 800), 800),
        (Thinking(text="", redacted="r" * 700), 700),
        (Document(media_type="text/plain", name="a", data=b64(b"x" * 900)), 900),
        (Document(media_type="application/pdf", name="a", data=b64(b"/Type /Page /Type/Page /Type /Pages")), 20_000),
    ],
)
def test_whatever_is_said_makes_the_bound_larger_by_no_less_than_it_can_cost(block, least):
    assert most(said("Hi").blocks[0], block) - BARE >= least
    assert sizes.likely(request(block)) < most(block)


def test_system_schema_and_tools_count_too():
    offer = ToolOffer(name="look", description="d" * 300, schema={"type": "object", "description": "s" * 300})
    assert most(system="s" * 400) - BARE >= 400
    assert most(schema={"description": "s" * 400}) - BARE >= 400
    assert most(tools=(offer,)) - BARE >= 600 + sizes.TOOLS


def test_words_alone_are_bound_by_their_bytes():
    assert tokens.at_most("Hi") <= BARE


def test_a_document_is_never_more_than_the_longest_prompt():
    pages = b"/Type /Page\n" * 599
    assert most(Document(media_type="application/pdf", name="a", data=b64(pages))) < 1_010_000


def packed(objects: bytes, head: bytes = b"/Type /ObjStm /N 3 /Filter /FlateDecode") -> bytes:
    return b"1 0 obj\n<< " + head + b" >>\nstream\n" + zlib.compress(objects) + b"\nendstream endobj\n"


def test_pages_are_counted_where_they_stand_and_where_they_are_packed():
    assert pdf.pages_at_most(b64(b"<</Type /Page>> <</Type/Page/Parent 1 0 R>> <</Type /Pages /Count 2>>")) == 2
    assert pdf.pages_at_most(b64(packed(b"<</Type/Page>>" * 7))) == 7
    assert pdf.pages_at_most(b64(packed(b"<</Type/Pages/Count 9>>"))) == 9


@pytest.mark.parametrize(
    "raw",
    [
        b"no pdf at all",
        b"/Encrypt /Type /Page",
        b"/Type /Page 1 0 obj << /Type /ObjStm >>\nstream\nnot deflated",
        packed(b"<</Type/Page>>")[:-40],
        b"/Type /Pages /Count 999999999",
    ],
)
def test_where_pages_cannot_be_counted_it_is_the_most_there_can_be(raw):
    assert pdf.pages_at_most(b64(raw)) == pdf.MOST_PAGES
    assert pdf.pages_at_most("not base64!") == pdf.MOST_PAGES


def test_a_bomb_is_not_unpacked():
    assert pdf.pages_at_most(b64(packed(b"\0" * (pdf.UNPACKED_AT_MOST + 1)))) == pdf.MOST_PAGES

"""web_fetch: a page of the public internet, as words."""

from __future__ import annotations

from typing import Annotated

from agents.safe_http import client
from agents.safe_http.client import Limits
from agents.safe_http.errors import FetchFailed, FetchRefused
from agents.tools.errors import ToolFailed
from agents.tools.registry import tool

from . import pages


@tool(effect="read", timeout=45, sends=True, place=lambda given: str(given["url"]))
def web_fetch(url: Annotated[str, "http:// or https://, of the public internet"]) -> str:
    """Read a web page or a text file. Answers its words, without pictures and scripts."""
    try:
        answer = client.client().fetch(url, limits=Limits(total=40, bytes=3_000_000))
    except (FetchRefused, FetchFailed) as error:
        raise ToolFailed(str(error)) from error
    content_type = answer.headers.get("content-type", "")
    kind = pages.kind_of(content_type)
    if answer.status >= 400:
        raise ToolFailed(f"{answer.url} answered {answer.status}")
    if kind is None:
        raise ToolFailed(f"{answer.url} is {content_type[:100]}, {len(answer.body)} bytes: it has no words to read")
    text = pages.decoded(answer.body, content_type)
    words = pages.words_of(text) if kind == "html" else text
    return f"{answer.url}\n{'The page was longer than can be read.' if answer.cut else ''}\n{words}"

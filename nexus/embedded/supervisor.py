"""Starts the processes of a stack in order, keeps them running, and stops them in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import state
from .book import Book
from .child import Child
from .errors import ServerError
from .home import Home
from .locks import in_use
from .output import Echo, Output
from .programs import Program
from .servers import Service, nothing, tail

_START_WITHIN = 120.0
_LOOK_FOR_USERS_EVERY = 1.0
_ENOUGH = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Services that start together, and what is then done once.

    The next stage waits for both, unless `waits` is off: then it starts at once.
    """

    services: tuple[Service, ...]
    then: tuple[Program, ...] = ()
    #: Called when all of `then` has succeeded.
    afterwards: Callable[[], None] = nothing
    waits: bool = True


@dataclass(kw_only=True)
class Supervisor:
    """Runs in the foreground, in the main thread; holds nothing that its death would leave behind."""

    home: Home
    stages: Sequence[Stage]
    addresses: Mapping[str, str | None]
    echo: Echo
    #: Called once everything works.
    on_ready: Callable[[], None] = nothing
    #: Stop when no command uses this home any more.
    while_used: bool = False

    _book: Book = field(init=False)
    _children: list[list[Child]] = field(default_factory=list, init=False)
    _lives: dict[Child, asyncio.Task[None]] = field(default_factory=dict, init=False)
    _ready: bool = field(default=False, init=False)
    _enough: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _hurry: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def run(self) -> None:
        """Start everything, stay until told to stop, stop everything. Raises ServerError when it cannot start."""
        self._book = Book()
        try:
            asyncio.run(self._run())
        finally:
            self._book.close()
            state.forget(self.home)

    async def _run(self) -> None:
        for number in _ENOUGH:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        telling = asyncio.create_task(self._keep_telling())
        try:
            await self._start()
            if not self._enough.is_set():
                self._ready = True
                self._changed.set()
                self.on_ready()
                await self._stay()
        finally:
            self._ready = False
            await self._stop()
            telling.cancel()

    def _on_signal(self) -> None:
        if self._enough.is_set():
            self.echo("nexus", "stopping at once")
            self._hurry.set()
        self._enough.set()

    async def _start(self) -> None:
        for stage in self.stages:
            children = [self._begin(service) for service in stage.services]
            self._children.append(children)
            if stage.waits:
                await self._until_working(children)
            for program in stage.then:
                if not self._enough.is_set():
                    await self._do_once(program)
            if self._enough.is_set():
                return
            stage.afterwards()
        await self._until_working([child for children in self._children for child in children])

    def _begin(self, service: Service) -> Child:
        output = self._output(service.program.name)
        child = Child(service, output=output, book=self._book, changed=self._changed)
        self._lives[child] = asyncio.create_task(child.keep_running())
        return child

    def _output(self, name: str) -> Output:
        return Output(name=name, file=self.home.path / "logs" / f"{name}.log", echo=self.echo)

    async def _until_working(self, children: Sequence[Child]) -> None:
        """Wait for all of `children`, or until one cannot start, or until told to stop."""
        working = asyncio.gather(*(child.works.wait() for child in children))
        try:
            await self._first_of(working, patience=_START_WITHIN)
            if not working.done() and not self._enough.is_set():
                late = [child for child in children if not child.works.is_set()]
                raise ServerError("\n".join(
                    f"{child.name} did not begin to work within {_START_WITHIN:.0f} s:\n{tail(child.output.file)}"
                    for child in late
                ))  # fmt: skip
        finally:
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working

    async def _stay(self) -> None:
        users = asyncio.ensure_future(self._until_unused()) if self.while_used else asyncio.Future[None]()
        await self._first_of(users, patience=None)
        users.cancel()

    async def _first_of(self, event: asyncio.Future[Any], *, patience: float | None) -> None:
        """Wait for `event`, for the order to stop, or for a child that cannot start, whose error is raised."""
        enough = asyncio.ensure_future(self._enough.wait())
        waited: set[asyncio.Future[Any]] = {event, enough, *self._lives.values()}
        done, _ = await asyncio.wait(waited, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        enough.cancel()
        for life in self._lives.values():
            if life in done:
                life.result()

    async def _until_unused(self) -> None:
        unused = 0
        while unused < 2:
            await asyncio.sleep(_LOOK_FOR_USERS_EVERY)
            unused = 0 if in_use(self.home) else unused + 1

    async def _do_once(self, program: Program) -> None:
        """Run `program` to its end; one that fails is the end of the start."""
        once = Child(
            Service(program=program), output=self._output(program.name), book=self._book, changed=self._changed
        )
        life = asyncio.create_task(once.live())
        enough = asyncio.ensure_future(self._enough.wait())
        await asyncio.wait({life, enough}, return_when=asyncio.FIRST_COMPLETED)
        enough.cancel()
        if not life.done():
            await once.stop(hurry=self._hurry)
        code = await life
        if code != 0 and not self._enough.is_set():
            raise ServerError(f"{program.name} ended with code {code}:\n{tail(once.output.file, lines=30)}")

    async def _stop(self) -> None:
        """Last come, first go; those of one stage together."""
        for children in reversed(self._children):
            await asyncio.gather(*(child.stop(hurry=self._hurry) for child in children))
            await asyncio.gather(*(self._lives[child] for child in children), return_exceptions=True)
            for child in children:
                child.output.close()

    async def _keep_telling(self) -> None:
        """Write the state file whenever something has changed."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._state().write(self.home)

    def _state(self) -> state.State:
        return state.State(
            supervisor=os.getpid(),
            ready=self._ready,
            while_used=self.while_used,
            addresses=self.addresses,
            processes=tuple(child.shown() for children in self._children for child in children),
        )

"""`python -m apps.sandbox`: the sandbox as a process of its own.

It prints one line of JSON, `{"url": "http://127.0.0.1:PORT"}`, when it listens, and stops on SIGTERM or SIGINT.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from apps.sandbox.journal import Journal
from apps.sandbox.provider import Provider, Settings
from apps.sandbox.server import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    chosen = _parser().parse_args(arguments)
    provider = Provider(
        settings=Settings(latency_ms=chosen.latency_ms, chunk_ms=chosen.chunk_ms),
        journal=Journal(path=chosen.journal),
    )
    try:
        asyncio.run(_run(provider, host=chosen.host, port=chosen.port))
    except OSError as error:
        sys.stderr.write(f"sandbox: cannot listen on {chosen.host}:{chosen.port}: {error.strerror}\n")
        return 1
    return 0


async def _run(provider: Provider, *, host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(provider, host=host, port=port, stop=stop)


def _parser() -> argparse.ArgumentParser:
    usual = Settings()
    parser = argparse.ArgumentParser(prog="python -m apps.sandbox", description="A model provider that asks no model.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--journal", type=Path, default=_path("NEXUS_SANDBOX_JOURNAL"), metavar="FILE")
    parser.add_argument("--latency-ms", type=float, default=_number("NEXUS_SANDBOX_LATENCY_MS", usual.latency_ms))
    parser.add_argument("--chunk-ms", type=float, default=_number("NEXUS_SANDBOX_CHUNK_MS", usual.chunk_ms))
    return parser


def _number(name: str, usual: float) -> float:
    return float(os.environ.get(name) or usual)


def _path(name: str) -> Path | None:
    return Path(found) if (found := os.environ.get(name)) else None


if __name__ == "__main__":
    sys.exit(main())

"""A venv for each peer, made on first use and kept: their pins and ours never meet."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PINS: dict[str, tuple[str, ...]] = {
    "celery": ("celery==5.7.0", "kombu[redis]==5.7.0", "redis[hiredis]==8.1.0", "packaging"),
    "dbos": ("dbos==3.4.0",),
    "procrastinate": ("procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9"),
    "prefect": ("prefect==3.8.3", "fastapi==0.139.0", "asyncpg==0.32.0"),
    "fastapi": ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "redis[hiredis]==8.1.0", "asyncpg==0.32.0"),
}


class CannotInstall(Exception):
    """pip could not install a peer."""


def python_of(peer: str, *, home: Path) -> str:
    """Return the Python of the peer's venv, made when it is missing or its pins have changed."""
    pins = PINS[peer]
    folder = home / f"venv-{peer}"
    mark = folder / ("pins-" + hashlib.sha256(" ".join(pins).encode()).hexdigest()[:12])
    python = folder / "bin" / "python"
    if mark.exists():
        return str(python)
    sys.stderr.write(f"installing {' '.join(pins)}\n")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotInstall(f"{peer} cannot be installed: {done.stderr.strip()[-500:]}")
    mark.touch()
    return str(python)

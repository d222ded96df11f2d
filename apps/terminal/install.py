"""Makes `.venv` or brings it up to date. Run by bin/nexus with whatever Python the machine has: standard library only.

    install.py <venv> <requirements> <name=stamp>...

Two calls at once do not disturb each other: the second waits, and finds everything done. A stamp is written last, so
that an installation that was cut short is begun again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path


def main(venv: Path, requirements: Path, stamps: dict[str, str]) -> int:
    """Install `requirements` into `venv` unless that has been done; return an exit code."""
    lock = os.open(requirements, os.O_RDONLY | os.O_CLOEXEC)  # any file that is surely there; nothing is left beside it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_stamped(venv, stamps):
            return 0
        began = time.monotonic()
        _say(f"installing {requirements.name} into {venv} (once; one or two minutes) ...")
        _make(venv)
        _fill(venv, requirements)
        for name, stamp in stamps.items():
            (venv / f"nexus-{name}").write_text(stamp + "\n", encoding="ascii")
        _say(f"installed in {time.monotonic() - began:.0f} s")
    except subprocess.CalledProcessError as error:
        _say(f"the installation failed: `{' '.join(map(str, error.cmd))}` ended with code {error.returncode}")
        return 1
    finally:
        os.close(lock)
    return 0


def _is_stamped(venv: Path, stamps: dict[str, str]) -> bool:
    try:
        found = {name: (venv / f"nexus-{name}").read_text(encoding="ascii").strip() for name in stamps}
    except OSError:
        return False
    return found == stamps and os.access(venv / "bin" / "python", os.X_OK)


def _make(venv: Path) -> None:
    if _works(venv):
        return
    if (venv / "pyvenv.cfg").exists():
        shutil.rmtree(venv)  # its Python has gone, or it was cut short
    if _uv():
        _run([_uv(), "venv", "--quiet", "--python", sys.executable, venv])
        return
    try:
        _run([sys.executable, "-m", "venv", venv], quietly=True)
    except subprocess.CalledProcessError:
        # Some systems ship venv without the pip it needs; then the pip that is there installs into it from outside.
        shutil.rmtree(venv, ignore_errors=True)
        _run([sys.executable, "-m", "venv", "--without-pip", venv])


def _works(venv: Path) -> bool:
    python = venv / "bin" / "python"
    return os.access(python, os.X_OK) and subprocess.run([python, "-c", ""], check=False).returncode == 0


def _fill(venv: Path, requirements: Path) -> None:
    python = venv / "bin" / "python"
    if _uv():
        _run([_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "-r", requirements])
        return
    asked = ["install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", requirements]
    inside = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    pip = [python, "-m", "pip"] if inside else [sys.executable, "-m", "pip", "--python", python]
    _run([*pip, *asked])


def _uv() -> str:
    return shutil.which("uv") or ""


def _run(command: list[object], *, quietly: bool = False) -> None:
    words = [str(word) for word in command]
    subprocess.run(words, check=True, stdout=sys.stderr, stderr=subprocess.DEVNULL if quietly else None)


def _say(text: str) -> None:
    print(f"nexus: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    _, into, wanted, *named = sys.argv
    sys.exit(main(Path(into), Path(wanted), dict(stamp.split("=", 1) for stamp in named)))

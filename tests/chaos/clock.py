"""A clock that can be put forward and back under a running process: a library of a few lines, compiled when needed."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from tests.chaos.stage import CannotRun

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile int64_t *ahead;
static int (*theirs)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    theirs = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("NEXUS_CHAOS_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file >= 0) {
        void *map = mmap(0, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
        if (map != MAP_FAILED) ahead = map;
    }
}

int clock_gettime(clockid_t which, struct timespec *now) {
    int code = theirs(which, now);
    if (!code && ahead && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (into) *into = exact.tv_sec;
    return exact.tv_sec;
}
"""


class Clock:
    """One clock, for the processes that are started with its environment. Only the wall's: monotonic time goes on."""

    def __init__(self, folder: Path, name: str) -> None:
        """Compile the library; CannotRun where there is no compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise CannotRun("needs a C compiler, for the few lines that shift a process's clock")
        source, self._library, self._file = folder / "clock.c", folder / "clock.so", folder / f"clock-{name}"
        source.write_text(SOURCE, encoding="utf-8")
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source), "-ldl"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise CannotRun(f"the C compiler could not make the clock: {done.stderr.strip()[-200:]}")
        self.shift(0)

    def shift(self, seconds: int) -> None:
        """Put the clock this far ahead of the real one. Running processes see it at once."""
        self._file.touch()
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    @property
    def env(self) -> dict[str, str]:
        """What a process needs to go by this clock."""
        return {"LD_PRELOAD": str(self._library), "NEXUS_CHAOS_CLOCK": str(self._file)}

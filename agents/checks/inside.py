"""The first thing a child process runs: it gives up what it does not need, then does one piece of work.

Started by child.py as a file, with nothing but the standard library (and, for a schema, its validator). The work comes
as JSON on stdin: {"do": "match" | "parse" | "fit" | "run", …}. What it finds goes to stdout as one line of JSON; a
program that is run has stdout and stderr for itself, and its exit code is the answer.

What keeps whom out of what
    rlimits      processor time, memory, size of files, open files; nothing is dumped
    a user namespace with an empty network, where the kernel gives one; for root it is a must: it ends being root
    Landlock     files: the interpreter's own may be read, the temporary folder may be written, nothing else is there
    seccomp      no sockets but pairs, no other process made, replaced, signalled, traced or read; no limit raised again
"""

from __future__ import annotations

import ast
import ctypes
import json
import os
import platform
import re
import resource
import signal
import struct
import sys
import sysconfig
from typing import Any

CANNOT_ISOLATE = 97
"""The exit code of a child that would have had to run code with more rights than it may have."""
FILES = 64
NEW_USER, NEW_NET, NEW_IPC = 0x10000000, 0x40000000, 0x08000000
NO_NEW_PRIVILEGES, SECCOMP, BY_FILTER = 38, 22, 2
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every machine
EXECUTE, READ_FILE, READ_FOLDER = 1, 4, 8
SHARED = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache")
RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF}
"""What may be done with files, as far as each version of Landlock can forbid it; later ones add devices."""

#: (x86_64, aarch64); None where the machine has no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "bind": (49, 200),
    "listen": (50, 201), "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "pidfd_open": (434, 434), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "setrlimit": (160, 164), "prlimit64": (302, 261),
    "mount": (165, 40), "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), 435
ONLY_A_THREAD = 0x00010000
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, REFUSE, UNKNOWN = 0x7FFF0000, 0x00050001, 0x00050026  # go on; EPERM; ENOSYS

_libc = ctypes.CDLL(None, use_errno=True)


class CannotIsolate(Exception):
    """This machine cannot keep a program away from the rest of it."""


def limit(work: dict[str, Any]) -> None:
    """Bound what may be used. The alarm is the exact end of its time; whoever starts it has a watch of its own."""
    signal.setitimer(signal.ITIMER_REAL, work["within"])
    seconds = int(work["within"]) + 1
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, int(work["memory"])),
        (resource.RLIMIT_FSIZE, int(work["file_size"])),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def isolate(folder: str) -> None:
    """Give up network, files and other processes; raise CannotIsolate where one of them would be left."""
    if _libc.unshare(NEW_USER | NEW_NET | NEW_IPC) == 0:
        # Counted by user: outside a namespace of our own the threads of the workers would count too.
        resource.setrlimit(resource.RLIMIT_NPROC, (32, 32))
    elif os.geteuid() == 0:
        raise CannotIsolate("this process is root, and may not give it up")
    if _libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        raise CannotIsolate("privileges cannot be renounced")
    forget_files(folder)
    forget_calls()


def forget_files(folder: str) -> None:
    """From here on there are the interpreter's files, to be read, and `folder`."""
    version = _libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        raise CannotIsolate("this kernel has no Landlock")
    handled = RIGHTS.get(version, 0xFFFF)
    # The kernel takes the first field alone; what newer versions add is not asked for.
    asked = struct.pack("=Q", handled)
    rules = _libc.syscall(CREATE_RULESET, asked, len(asked), 0)
    own = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sys.base_exec_prefix + "/lib"}
    for path in sorted({*own, *SHARED}):
        _may(rules, path, EXECUTE | READ_FILE | READ_FOLDER)
    for device in ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"):
        _may(rules, device, READ_FILE)
    _may(rules, folder, handled & ~EXECUTE)
    if _libc.syscall(RESTRICT_SELF, rules, 0) != 0:
        raise CannotIsolate("Landlock does not take its rules")
    os.close(rules)


def _may(rules: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112 - pathlib is not needed for anything else in here
        rights &= EXECUTE | READ_FILE | 2
    _libc.syscall(ADD_RULE, rules, 1, struct.pack("=Qi", rights, opened), 0)
    os.close(opened)


def forget_calls() -> None:
    """From here on the calls of REFUSED say EPERM, and a process can make threads and nothing else."""
    if platform.machine() not in MACHINES:
        raise CannotIsolate(f"its calls are not known on {platform.machine()}")
    program = filter_for(platform.machine())
    steps = (ctypes.c_ubyte * len(program)).from_buffer_copy(program)

    class Program(ctypes.Structure):
        _fields_ = [("steps", ctypes.c_ushort), ("at", ctypes.c_void_p)]

    asked = Program(len(program) // 8, ctypes.cast(steps, ctypes.c_void_p))
    if _libc.prctl(SECCOMP, BY_FILTER, ctypes.byref(asked), 0, 0) != 0:
        raise CannotIsolate("this kernel takes no seccomp filter")


def filter_for(machine: str) -> bytes:
    """The filter as the kernel reads it: eight bytes a step."""
    place, architecture = MACHINES[machine]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("=HBBI", code, yes, no, value)

    steps = [step(load, 4), step(equal, architecture, 1, 0), step(answer, REFUSE), step(load, 0)]
    if machine == "x86_64":  # the 32-bit names of the same calls
        steps += [step(at_least, 0x40000000, 0, 1), step(answer, REFUSE)]
    for calls in REFUSED.values():
        if (call := calls[place]) is not None:
            steps += [step(equal, call, 0, 1), step(answer, REFUSE)]
    # Its arguments lie in memory, where no filter looks: without it, the older call is used.
    steps += [step(equal, CLONE3, 0, 1), step(answer, UNKNOWN)]
    steps += [step(equal, CLONE[place], 0, 4), step(load, 16), step(any_bit, ONLY_A_THREAD, 1, 0)]
    steps += [step(answer, REFUSE), step(answer, ALLOW), step(answer, ALLOW)]
    return b"".join(steps)


def match(work: dict[str, Any]) -> dict[str, Any]:
    """Does the pattern occur in the text?"""
    flags = re.MULTILINE if "m" in work["flags"] else 0
    flags |= re.IGNORECASE if "i" in work["flags"] else 0
    flags |= re.DOTALL if "s" in work["flags"] else 0
    return {"found": re.search(work["pattern"], work["text"], flags) is not None}


def parse(work: dict[str, Any]) -> dict[str, Any]:
    """Is the text Python?"""
    try:
        ast.parse(work["text"])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        said = getattr(error, "msg", None) or str(error) or type(error).__name__
        return {"wrong": f"{said} (line {line})" if line else said}
    return {"wrong": None}


def fit(work: dict[str, Any]) -> dict[str, Any]:
    """Does the data fit the schema?"""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    # An empty registry: what a schema names elsewhere is not fetched.
    wrong = best_match(Draft202012Validator(work["schema"], registry=Registry()).iter_errors(work["data"]))
    return {"at": None} if wrong is None else {"at": wrong.json_path, "wrong": wrong.message[:300]}


def run(work: dict[str, Any]) -> None:
    """Run the text as a program. Its stdout, its stderr and its exit code are its own."""
    try:
        isolate(os.getcwd())  # noqa: PTH109 - as above
    except CannotIsolate as error:
        sys.stderr.write(str(error))
        sys.stderr.flush()
        os._exit(CANNOT_ISOLATE)
    module = type(sys)("__main__")
    module.__dict__.update(__name__="__main__", __file__="block.py", __builtins__=__builtins__)
    sys.modules["__main__"] = module
    sys.argv = ["block.py"]
    exec(compile(work["text"], "block.py", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - what it is for


def main() -> None:
    """Read the work, do it, answer."""
    work = json.loads(sys.stdin.buffer.read())
    limit(work)
    if work["do"] == "run":
        run(work)
        return
    # What others wrote is only read here; that it cannot reach anything is a second wall, not the only one.
    try:
        _libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        forget_calls()
    except CannotIsolate:
        pass
    print(json.dumps({"match": match, "parse": parse, "fit": fit}[work["do"]](work)))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()

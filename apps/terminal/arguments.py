"""Commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING

from .commands import approvals, audit, budgets, chat, costs, dead, orders, schedules, test
from .console import Console

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    _Commands = _SubParsersAction[argparse.ArgumentParser]

Command = Callable[[argparse.Namespace, Console], int]
_ENDS = (
    "exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 not allowed, 5 conflict, 6 order failed or cancelled, "
    "7 a person is needed, 8 something does not answer, 124 took too long, 130 Ctrl-C"
)
#: These hand everything after their name to somebody else.
_PASS_ON = ("test", "manage")
#: Commands of manage.py that people need often enough for a name of their own.
_MANAGED = {
    "providers": "whom models are asked of: check, keys, set-key, forget-key, rotate",
    "roles": "who works, with which models: list, show, set",
}


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments with `run`, the function of the command. Wrong usage ends the process with code 2."""
    if words and words[0] in _PASS_ON:
        run = test.run if words[0] == "test" else _manage
        return argparse.Namespace(run=run, rest=list(words[1:]), quiet=False)
    if words and words[0] in _MANAGED:
        return argparse.Namespace(run=_manage, rest=list(words), quiet=False)
    return _parser().parse_args(words)


@cache  # it keeps nothing of what it reads
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/nexus", description="AI work orders that are not lost, run twice or overspent.", epilog=_ENDS
    )
    commands = parser.add_subparsers(metavar="command", required=True)
    _running(commands)
    _orders(commands)
    _asking(commands)
    _deciding(commands)
    _looking(commands)
    _audit(commands)
    others = {"test": "run every test, on real servers", "manage": "run a command of manage.py"} | _MANAGED
    for name, text in others.items():
        commands.add_parser(name, help=text, add_help=False)  # parse() has taken them out before
    return parser


def _add(commands: _Commands, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text, epilog=_ENDS)
    command.set_defaults(run=run)
    command.add_argument("--json", action="store_true", help="one JSON object on stdout")
    command.add_argument("--quiet", "-q", action="store_true", help="nothing on stderr but errors")
    command.add_argument("--no-input", action="store_true", help="never ask (nothing ever does)")
    return command


def _running(commands: _Commands) -> None:
    command = _add(commands, "up", _up, "run everything here until Ctrl-C")
    command.add_argument("--without", action="append", default=[], metavar="NAME", help="leave a process out")
    command.add_argument("--while-used", action="store_true", help=argparse.SUPPRESS)
    shown = _add(commands, "demo", _demo, "let every application play a scene, and say what each did and cost")
    shown.add_argument("scenes", nargs="*", metavar="SCENE", help="only these, by their names")


def _orders(commands: _Commands) -> None:
    run = _add(commands, "run", orders.run, "file an order, follow it, print what it delivers")
    submit = _add(commands, "submit", orders.submit, "file an order and print its id")
    for command in (run, submit):
        _request(command)
    watch = _add(commands, "watch", orders.watch, "follow an order; Ctrl-C leaves it running")
    watch.add_argument("--no-block", action="store_true", help="end with code 7 when a person is needed")
    for command in (run, watch):
        command.add_argument("--timeout", type=float, metavar="SECONDS", help="end with code 124 after so long")
    show = _add(commands, "show", orders.show, "show an order and its tasks")
    show.add_argument("--canvas", action="store_true", help="the Celery canvases that carried it")
    _add(commands, "ls", orders.ls, "list the newest orders").add_argument("--limit", type=int, default=20)
    moves = [
        _add(commands, "cancel", orders.cancel, "end an order for good"),
        _add(commands, "pause", orders.pause, "let nothing new of an order begin"),
        _add(commands, "resume", orders.resume, "let a paused order go on"),
        _add(commands, "escalate", orders.escalate, "call the next role to an order; above the last, the Board"),
        _add(commands, "release", orders.release, "let go on what waits for a decision: a budget, a review"),
    ]
    redrive = _add(commands, "redrive", dead.redrive, "drive dead tasks again: of an order, or all of one failure")
    _group(redrive)
    for command in (*moves, redrive):
        command.add_argument("--reason", default="", help="why; it is written into the feed")
    answer = _add(commands, "answer", orders.answer, "answer what an order asked back")
    for command in (watch, show, *moves, answer):
        command.add_argument("id", help="WO-YYYYMMDD-NNNN")
    redrive.add_argument("id", nargs="?", help="WO-YYYYMMDD-NNNN; or --group")
    answer.add_argument("text", help="what is said to its question; - reads it from stdin")


def _request(command: argparse.ArgumentParser) -> None:
    command.add_argument("request", help="what is to be done; - reads it from stdin")
    command.add_argument("--project", help="slug of the project")
    command.add_argument("--budget", type=_dollars, metavar="USD", help="the most it may cost")
    command.add_argument("--cap-at-quote", action="store_true", help="and no more than its quote's p90")
    command.add_argument("--priority", type=int, metavar="0..10", help="higher goes first; 5 is usual")
    for name, metavar, what in (
        ("--tool", "NAME", "a tool that its agents may use"),
        ("--accept", "TEXT", "a criterion: a line, or a check as JSON"),
        ("--file", "PATH", "a text that it is about"),
        ("--attach", "PATH", "a photo, a voice note or a document to send along"),
    ):  # fmt: skip
        command.add_argument(name, action="append", default=[], metavar=metavar, help=f"{what}; may be repeated")


def _asking(commands: _Commands) -> None:
    quote = _add(commands, "quote", orders.quote, "what a request would cost; nothing is filed")
    quote.add_argument("request", help="what would be to do; - reads it from stdin")
    talk = _add(commands, "chat", chat.run, "talk with an agent, line by line; Ctrl-D ends")
    talk.add_argument("--agent", default="intern", metavar="ROLE", help="who shall answer; intern by default")
    talk.add_argument("--session", metavar="ID", help="go on with this session: sess-…")
    talk.add_argument("--project", help="slug of the project")


def _group(redrive: argparse.ArgumentParser) -> None:
    redrive.add_argument("--group", metavar="FINGERPRINT", help="every task that died of this failure: bin/nexus dead")
    redrive.add_argument("--try-one", action="store_true", help="only the oldest of the group")
    redrive.add_argument("--rate", type=int, metavar="N", help="so many of the group a minute")
    redrive.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE",
        help="change each task of the group first: role, model, budget, max_attempts, priority, input.NAME; repeatable",
    )  # fmt: skip


def _deciding(commands: _Commands) -> None:
    shown = _add(commands, "approvals", approvals.approvals, "what people have to decide: what waits for you, or one")
    shown.add_argument("id", nargs="?", type=int, help="show this one with what it is about")
    shown.add_argument("--all", action="store_true", help="what waits for anybody in your projects")
    approve = _add(commands, "approve", approvals.approve, "approve what is asked, or --content in its place")
    approve.add_argument("--content", metavar="JSON", help="approve this instead; - reads it from stdin")
    others = [
        _add(commands, "revise", approvals.revise, "send it back: it is done again with the reason"),
        _add(commands, "reject", approvals.reject, "refuse it; the gate says what ends with it"),
        _add(commands, "respond", approvals.respond, "answer what is asked; the reason is the answer"),
    ]
    for command in (approve, *others):
        command.add_argument("id", type=int, help="its number in bin/nexus approvals")
        command.add_argument("--reason", required=command is not approve, help="why; - reads it from stdin")
        command.add_argument("--hash", help="decide about the content with this hash, and about no other")


def _looking(commands: _Commands) -> None:
    _add(commands, "dead", dead.dead, "what waits in the dead letters, one line per failure").add_argument(
        "group", nargs="?", metavar="FINGERPRINT", help="show one failure and its tasks; its first digits are enough"
    )
    budget = _add(
        commands, "budget", budgets.run, "what may be spent; `waiting`: for what work waits; `set` changes it"
    )
    budget.add_argument(
        "words",
        nargs="*",
        metavar="waiting | show KIND KEY | set KIND KEY USD",
        help="order, project, role or day; USD or none",
    )
    budget.add_argument("--reason", default="", help="why; it is kept with the change")
    spent = _add(commands, "costs", costs.run, "what was spent, in a time, and on what")
    spent.add_argument("--period", choices=costs.PERIODS, default="today", help="days of the installation's zone")
    spent.add_argument("--by", choices=costs.BY, default="role", help="what the rows are of")
    spent.add_argument("--project", help="slug of the project")
    spent.add_argument("--csv", action="store_true", help="CSV on stdout")
    bill = _add(commands, "reconcile", _reconcile, "compare a provider's usage export with the ledger")
    bill.add_argument("file", metavar="FILE.csv", help="one line per request, or per day and model; - reads stdin")
    bill.add_argument("--column", action="append", default=[], metavar="NAME=HEAD", help="which column is which")
    bill.add_argument("--from", metavar="YYYY-MM-DD", help="look for what the bill lacks from this day on, in UTC")
    bill.add_argument("--to", metavar="YYYY-MM-DD", help="up to this day")
    bill.add_argument("--tolerance", metavar="USD", help="amounts that differ by no more agree")
    bill.add_argument("--book", action="store_true", help="adjust the ledger where a request differs")
    clock = _add(commands, "schedule", schedules.run, "what files orders by the clock; `add` one, or switch one off")
    clock.add_argument("words", nargs="*", metavar="add NAME CRON REQUEST | on|off|fire|ticks|delete ID")
    clock.add_argument("--zone", default="UTC", metavar="NAME", help="the clock that is meant, as Europe/Zurich")
    clock.add_argument("--budget", type=_dollars, metavar="USD", help="the most that each order may cost")
    clock.add_argument("--project", help="slug of the project")
    _add(commands, "status", _status, "show what runs here")
    rows = _add(commands, "chaos", _chaos, "break everything on purpose, row by row, and ask what held")
    rows.add_argument("--rows", default="", metavar="1,4,10", help="only these rows of the fault matrix")
    rows.add_argument("--seed", type=int, metavar="N", help="repeats the random moments of a run")
    rows.add_argument("--minutes", type=float, metavar="N", help="random episodes for so long, with their seeds")
    rows.add_argument("--orders", type=int, metavar="N", help="a soak: so many orders while servers and workers break")
    rows.add_argument("--mutate", action="store_true", help="take guards out of a copy: a row must see each")
    _bench(_add(commands, "bench", _measure, "measure Nexus beside its peers, on servers of its own"))
    doctor = _add(commands, "doctor", _doctor, "look at everything; say what is wrong and how to mend it")
    doctor.add_argument("--repair", action="store_true", help="mend rows that can be mended while everything runs")


def _audit(commands: _Commands) -> None:
    log = _add(commands, "audit", audit.run, "who did what, through which door, and what came of it; newest first")
    log.add_argument("--limit", type=int, default=10, metavar="N", help="so many entries, at most 200")
    log.add_argument("--order", metavar="ID", help="only those about this order")
    log.add_argument("--actor", metavar="NAME", help="only what this user, role or part of the machinery did")
    log.add_argument("--action", metavar="NAME", help="only this action, as approval.decided")
    log.add_argument("--status", choices=("success", "failure", "warning", "info"), help="only those that went so")
    log.add_argument("--project", help="slug of the project")


def _bench(command: argparse.ArgumentParser) -> None:
    command.add_argument("--only", metavar="A,B", help="only these measurements, by the keys of the ratios")
    command.add_argument("--rounds", type=int, metavar="N", help="rounds of each contestant, in turns; 5 is usual")
    command.add_argument("--seconds", type=float, metavar="S", help="how long one round counts; 5 is usual")
    command.add_argument("--nexus-pool", metavar="threads:16x1", help="workers: kind, size, processes; with commas")
    command.add_argument("--calls-pool", metavar="threads:500x2", help="the same, for a thousand model calls")
    command.add_argument("--tasks", type=int, metavar="N", help="finished tasks that the history is made of")
    command.add_argument("--svg", metavar="PATH", help="write the plot there")


def _dollars(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount") from None
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError("an amount of 0 or more")
    return text


# These need the clients of Postgres and Redis, whose import takes longer than filing an order: only when called.


def _up(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import up

    return up.run(arguments, console)


def _demo(arguments: argparse.Namespace, console: Console) -> int:
    from .demo import play

    return play.run(arguments, console)


def _status(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import status

    return status.run(arguments, console)


def _reconcile(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import reconcile

    return reconcile.run(arguments, console)


def _doctor(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import doctor

    return doctor.run(arguments, console)


def _chaos(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import chaos

    return chaos.run(arguments, console)


def _measure(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import bench

    return bench.run(arguments, console)


def _manage(arguments: argparse.Namespace, console: Console) -> int:
    from .commands import manage

    return manage.run(arguments, console)

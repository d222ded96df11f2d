"""`python -m apps.terminal`: what bin/nexus ends in."""

from __future__ import annotations

import os
import sys

from nexus.embedded.errors import ServerError

from .arguments import parse
from .console import Console
from .exits import INTERRUPTED, UNAVAILABLE, TerminalError


def main() -> int:
    """Run one command; return its exit code."""
    arguments = parse(sys.argv[1:])
    console = Console.of_this_process(quiet=arguments.quiet)
    try:
        code: int = arguments.run(arguments, console)
    except TerminalError as error:
        console.complain(str(error), hint=error.hint)
        return error.code
    except ServerError as error:
        console.complain(str(error), hint="bin/nexus doctor looks at everything that a start needs")
        return UNAVAILABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())

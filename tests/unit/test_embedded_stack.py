"""What `up` runs: the bot where there is a token for it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from nexus.embedded import stack
from nexus.embedded.home import Home

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("token", "runs"), [("", False), ("7000000001:AA", True)])
def test_the_bot_runs_where_a_token_is_set(tmp_path, token, runs):
    servers = {"DATABASE_URL": "postgres://x@127.0.0.1/x", "REDIS_URL": "redis://127.0.0.1"}
    drawn = stack.draw_up(Home.open(tmp_path), root=ROOT, environ={**servers, "TELEGRAM_BOT_TOKEN": token})

    bots = [one for one in drawn.stages[-1].services if one.program.name == "telegram"]
    assert len(bots) == runs
    for bot in bots:
        assert bot.program.argv[1:] == ("manage.py", "telegram_bot")
        assert bot.program.env["TELEGRAM_BOT_TOKEN"] == token

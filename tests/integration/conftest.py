"""What several files of tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def one_bot() -> Iterator[Any]:
    """A bot without a process, and its double, for all tests of a file: see tests/support/telegram_bot.py."""
    from tests.support.telegram_bot import a_bot

    with a_bot() as found:
        yield found


@pytest.fixture
def bot(one_bot: Any) -> Any:
    """It, with a Telegram on which nothing has happened."""
    one_bot.telegram.clear()
    return one_bot

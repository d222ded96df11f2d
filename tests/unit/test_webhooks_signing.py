"""Signatures are those of the standard: its own example, and a receiver that was written without ours."""

from __future__ import annotations

import time

from apps.webhooks import signing
from tests.support.receiver import verdict

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_the_example_of_the_standard():
    made = signing.signature(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secret=SECRET,
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_that_knows_one_of_two_secrets_is_content():
    body = '{"a": "é 中"}'.encode()
    told = signing.headers(message_id="msg_1", timestamp=int(time.time()), body=body, secrets=[SECRET, OTHER])

    assert [verdict(told, body, one) for one in (SECRET, OTHER)] == ["ok", "ok"]
    assert verdict(told, body + b" ", SECRET) == "a wrong signature"
    assert verdict({**told, "webhook-id": "msg_2"}, body, SECRET) == "a wrong signature"
    assert verdict({**told, "webhook-timestamp": "1"}, body, SECRET) == "too old"

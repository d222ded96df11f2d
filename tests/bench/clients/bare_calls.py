"""The same calls with nothing around them: threads that ask by the SDK. What these cores can do at best.

    bare_calls.py ADDRESS MODEL THREADS PROCESSES

Prints {"wall_s"}: from the moment when all threads are let go to the end of the last answer.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import time

import anthropic
import httpx2


def ask(client: anthropic.Anthropic, model: str) -> None:
    """One call, read to its end."""
    with client.messages.stream(
        model=model, max_tokens=50, system="Be brief.", messages=[{"role": "user", "content": "bench"}]
    ) as stream:
        for _ in stream:
            pass


def work(address: str, model: str, threads: int, ready: object, go: object) -> None:
    """Hold so many threads ready; let them go together; wait for all."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    client = anthropic.Anthropic(
        api_key="none", base_url=address, max_retries=0, http_client=httpx2.Client(limits=limits, timeout=120)
    )
    ask_one = threading.Event()

    def one() -> None:
        ask_one.wait()
        ask(client, model)

    all_of_them = [threading.Thread(target=one) for _ in range(threads)]
    for thread in all_of_them:
        thread.start()
    ready.release()  # type: ignore[attr-defined]
    go.wait()  # type: ignore[attr-defined]
    ask_one.set()
    for thread in all_of_them:
        thread.join()


def main() -> int:
    """Start the processes, time them."""
    address, model, threads, processes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    ready, go = multiprocessing.Semaphore(0), multiprocessing.Event()
    started = [
        multiprocessing.Process(target=work, args=(address, model, threads, ready, go)) for _ in range(processes)
    ]
    for one in started:
        one.start()
    for _ in started:
        ready.acquire()
    began = time.monotonic()
    go.set()
    for one in started:
        one.join()
    if any(one.exitcode for one in started):
        return 1
    sys.stdout.write(json.dumps({"wall_s": time.monotonic() - began}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

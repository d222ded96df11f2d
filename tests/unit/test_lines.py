"""What is put in line is handed on by a thread: in order, once, and by a process that ends too."""

from __future__ import annotations

import subprocess
import sys
import threading

from nexus.lines import Line
from tests.support.rivals import wait_for


def handed_on(*, most: int) -> list[list[int]]:
    """What a line of `most` hands on: 0, and while that goes on, 1 to 5."""
    heard: list[list[int]] = []
    goes_on, came = threading.Event(), threading.Event()

    def hand_on(items: list[int]) -> None:
        heard.append(items)
        came.set()
        goes_on.wait(20)

    line = Line(hand_on, name="test", most=most)
    line.put(0)
    assert came.wait(20)
    for n in range(1, 6):
        line.put(n)
    goes_on.set()
    wait_for(lambda: len(heard) == 2, what="the rest")
    return heard


def test_all_that_waits_is_handed_on_at_once_and_in_order():
    assert handed_on(most=100) == [[0], [1, 2, 3, 4, 5]]


def test_the_oldest_go_first_where_too_many_wait():
    assert handed_on(most=2) == [[0], [4, 5]]


def test_what_is_urgent_does_not_wait_for_the_pause():
    heard: list[int] = []
    line = Line(heard.extend, name="test", most=100, pause=3600)
    line.put(1)
    wait_for(lambda: heard == [1], what="the first")
    line.put(2)
    line.put(3, at_once=True)
    wait_for(lambda: heard == [1, 2, 3], what="what was urgent, and what waited before it")


def test_a_process_that_ends_hands_on_what_waits():
    told = """
from nexus.lines import Line
line = Line(lambda items: print(items, flush=True), name="test", most=9, pause=3600)
line.put(1)
line._there.clear()
line.put(2)
"""
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "".join(said.split()) in ("[1,2]", "[1][2]")


def test_a_process_that_ends_waits_for_what_is_being_handed_on():
    told = """
import threading
from nexus.lines import Line
came, lock = threading.Event(), threading.Lock()
def hand_on(items):
    with lock:
        came.set()
        threading.Event().wait(0.3)
    print(items, flush=True)
line = Line(hand_on, name="test", most=9)
line.put(1)
came.wait()
"""
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True).stdout
    assert said == "[1]\n"


def test_a_forked_child_begins_anew():
    told = """
import os
from nexus.lines import Line
line = Line(lambda items: print(os.getpid() == parent, items, flush=True), name="test", most=9)
parent = os.getpid()
line.put("parent")
line.flush()
child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    line.put("child")
    while line._waiting:
        pass
"""
    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True).stdout
    assert sorted(said.splitlines()) == ["False ['child']", "True ['parent']"]

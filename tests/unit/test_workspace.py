"""The files of an order: nothing leads out of its folder, and nothing is half there."""

from __future__ import annotations

import os
import socket
import threading
import unicodedata
from pathlib import Path

import pytest

from agents.workspace import files, paths
from agents.workspace.errors import WorkspaceRefused
from agents.workspace.files import Workspace


@pytest.fixture
def space(tmp_path):
    return Workspace(root=tmp_path / "acme" / "order", most_bytes=1_000, most_files=5, largest_file=500)


@pytest.fixture
def secret(tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("secret")
    return outside


def test_what_is_written_is_read_and_listed(space):
    assert space.write("a/b/ü.bin", b"\x00\xff").path == "a/b/ü.bin"
    space.write("c.txt", b"see")
    assert space.read("a/b/ü.bin") == b"\x00\xff"
    assert [(one.path, one.bytes) for one in space.entries() if not one.is_folder] == [("a/b/ü.bin", 2), ("c.txt", 3)]
    assert [one.path for one in space.entries("a")] == ["a/b", "a/b/ü.bin"]


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc/passwd", "../secret.txt", "a/../../secret.txt", "a/./b", "..", "a//b", "C:\\x", "c:/x", "a\\b",
        "\x00", "a\nb", "a\u202eb", "a\u200bb", "\ud800", " a", "a ", "x" * 241, "ü" * 121, "/".join("a" * 21),
        ".writing-1", "a/", "~/../x/..", "a/b/..",
    ],
)  # fmt: skip
def test_a_path_that_is_no_plain_way_down_is_refused(space, secret, path):
    space.write("a/x", b"x")
    with pytest.raises(WorkspaceRefused):
        space.write(path, b"x")
    with pytest.raises(WorkspaceRefused):
        space.read(path)
    assert secret.read_text() == "secret"


def test_a_link_to_a_file_is_not_read_and_is_replaced_not_followed(space, secret):
    space.write("x", b"x")
    (space.root / "link").symlink_to(secret)
    with pytest.raises(WorkspaceRefused, match="link"):
        space.read("link")
    space.write("link", b"mine")
    assert (secret.read_text(), space.read("link")) == ("secret", b"mine")


def test_a_link_to_a_folder_is_not_a_way(space, secret):
    space.write("x", b"x")
    (space.root / "out").symlink_to(secret.parent)
    for act in (
        lambda: space.read("out/secret.txt"),
        lambda: space.write("out/new", b"x"),
        lambda: space.entries("out"),
    ):
        with pytest.raises(WorkspaceRefused, match="link"):
            act()
    assert not (secret.parent / "new").exists()
    assert [one.path for one in space.entries()] == ["x"]


def test_a_folder_that_becomes_a_link_while_somebody_walks_is_no_way_out(space, secret, monkeypatch):
    space.write("a/secret.txt", b"mine")
    really = os.open

    def swapped(path, flags, *given, **more):
        if path == "secret.txt" and not (space.root / "b").exists():
            (space.root / "a").rename(space.root / "b")
            (space.root / "a").symlink_to(secret.parent)
        return really(path, flags, *given, **more)

    monkeypatch.setattr(files.os, "open", swapped)
    assert space.read("a/secret.txt") == b"mine"
    with pytest.raises(WorkspaceRefused):
        space.read("a/secret.txt")


def test_a_second_name_of_a_file_outside_is_not_read(space, secret):
    space.write("x", b"x")
    os.link(secret, space.root / "hard")
    with pytest.raises(WorkspaceRefused, match="another name"):
        space.read("hard")
    space.write("hard", b"mine")
    assert secret.read_text() == "secret"


def test_what_is_no_file_is_not_read_and_nobody_waits_for_it(space):
    space.write("x", b"x")
    os.mkfifo(space.root / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(space.root)
        try:
            listening.bind("sock")
        finally:
            os.chdir(here)
        for name in ("pipe", "sock"):
            with pytest.raises(WorkspaceRefused):
                space.read(name)
    assert [one.path for one in space.entries()] == ["x"]


def test_names_that_look_the_same_are_one(space):
    space.write(unicodedata.normalize("NFD", "é.txt"), b"1")
    space.write(unicodedata.normalize("NFC", "é.txt"), b"2")
    assert [one.path for one in space.entries()] == [unicodedata.normalize("NFC", "é.txt")]


def test_files_and_bytes_have_limits(space):
    with pytest.raises(WorkspaceRefused, match="at most 500 bytes"):
        space.write("a", b"x" * 501)
    space.write("a", b"x" * 500)
    space.write("b", b"x" * 500)
    with pytest.raises(WorkspaceRefused, match="1000 bytes"):
        space.write("c", b"x")
    space.write("a", b"")
    for name in "cde":
        space.write(name, b"x")
    with pytest.raises(WorkspaceRefused, match="5 files"):
        space.write("f", b"x")
    space.write("e", b"y")


def test_writers_side_by_side_do_not_share_the_last_place(space, monkeypatch):
    for name in "abcd":
        space.write(name, b"x")
    inside, other_is_inside = threading.Event(), threading.Event()
    really, refused = files._replace, []

    def slowly(*given) -> None:
        if inside.is_set():
            other_is_inside.set()
        inside.set()
        other_is_inside.wait(0.5)  # it has counted: the other one counts too, where nothing keeps it from it
        really(*given)

    def write(name: str) -> None:
        try:
            space.write(name, b"x")
        except WorkspaceRefused as error:
            refused.append(error)

    monkeypatch.setattr(files, "_replace", slowly)
    first, second = (threading.Thread(target=write, args=(name,)) for name in ("first", "second"))
    first.start()
    assert inside.wait(20)
    second.start()
    for thread in (first, second):
        thread.join(20)
    assert (["5 files" in str(error) for error in refused], len(space.entries())) == ([True], 5)


def test_a_file_is_there_as_a_whole_or_not_at_all(space, monkeypatch):
    space.write("a", b"old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "rename", full)
    with pytest.raises(WorkspaceRefused, match="No space"):
        space.write("a", b"new")
    monkeypatch.undo()
    assert (space.read("a"), [path.name for path in space.root.iterdir()]) == (b"old", ["a"])


def test_what_a_dead_writer_left_is_swept_up_by_the_next(space):
    space.write("a", b"x")
    (space.root / ".writing-dead").write_bytes(b"half")
    assert [one.path for one in space.entries()] == ["a"]
    space.write("b", b"x")
    assert sorted(path.name for path in space.root.iterdir()) == ["a", "b"]


def test_a_folder_is_no_file(space):
    space.write("a/b", b"x")
    for act in (lambda: space.read("a"), lambda: space.write("a", b"x"), lambda: space.write("a/b/c", b"x")):
        with pytest.raises(WorkspaceRefused):
            act()


@pytest.mark.parametrize("name", ["..", "a/b", "", ".", "x" * 200, "\ud800", "项目"])
def test_no_project_or_order_is_a_way_out_by_its_name(name):
    assert paths.PLAIN.fullmatch(paths.folder_of(name))

"""What a program leaves behind is removed, whatever it is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sandbox.judge.cleanup import end_survivors, wipe


def test_an_empty_directory_is_left_alone(tmp_path: Path) -> None:
    wipe(str(tmp_path))
    assert tmp_path.is_dir()


def test_depth_links_and_modes(tmp_path: Path) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    (outside / "kept").touch()
    (inside / "a" / "b").mkdir(parents=True)
    (inside / "to-directory").symlink_to(outside)
    (inside / "a" / "b" / "nowhere").symlink_to("missing")
    (inside / "a" / "b" / "file").touch(mode=0)
    (inside / "a" / "b").chmod(0)
    (inside / "a").chmod(0)
    here = os.getcwd()
    try:
        os.chdir(inside)
        for _ in range(40):  # longer than a path may be; a check goes deeper, where it is cheap
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.chdir(here)
    wipe(str(inside))
    assert not list(inside.iterdir())
    assert (outside / "kept").exists()


def test_survivors_are_found_by_their_descent_and_ended() -> None:
    root = os.fork()
    if root == 0:  # all of its descendants will be killed: they must not be pytest's
        os._exit(0 if _ends_a_family() else 1)
    assert os.waitpid(root, 0)[1] == 0


def _ends_a_family() -> bool:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.fork()
        os.write(writer, b"x")
        signal.pause()
    there = 0
    while there < 2:  # else one could be missed, and stay
        there += len(os.read(reader, 2))

    def reap() -> bool:
        return os.waitpid(child, os.WNOHANG)[0] == child

    def reap_nothing() -> bool:
        return False

    ended = end_survivors(os.getpid(), reap)
    return ended and not end_survivors(os.getpid(), reap_nothing, patience=0.01)

"""The removal of files and processes that a program leaves behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from sandbox.judge.cleanup import end_survivors, wipe


def test_an_empty_directory_is_left_alone(tmp_path: Path) -> None:
    wipe(str(tmp_path))
    assert tmp_path.is_dir()


def test_deep_paths_links_and_closed_directories_are_removed(tmp_path: Path) -> None:
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
        for _ in range(40):  # longer than a path may be; a conformance check goes deeper
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.chdir(here)
    wipe(str(inside))
    assert not list(inside.iterdir())
    assert (outside / "kept").exists()


def test_surviving_descendants_are_found_and_ended() -> None:
    root = os.fork()
    if root == 0:  # all of its descendants will be killed: they must not be pytest's
        os._exit(0 if _ends_its_descendants() else 1)
    assert os.waitpid(root, 0)[1] == 0


def _ends_its_descendants() -> bool:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.fork()
        os.write(writer, b"x")
        signal.pause()
    started = 0
    while started < 2:  # otherwise the search could miss one, which would survive
        started += len(os.read(reader, 2))

    def reap() -> bool:
        return os.waitpid(child, os.WNOHANG)[0] == child

    def reap_nothing() -> bool:
        return False

    ended = end_survivors(os.getpid(), reap)
    return ended and not end_survivors(os.getpid(), reap_nothing, patience=0.01)

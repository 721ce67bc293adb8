"""What a program leaves behind is removed, whatever it is."""

from __future__ import annotations

import os
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


def test_a_supervisor_without_children_has_no_survivors() -> None:
    assert os.fork is not None
    pid = os.fork()
    if pid == 0:
        os._exit(0 if end_survivors() else 1)
    assert os.waitpid(pid, 0)[1] == 0

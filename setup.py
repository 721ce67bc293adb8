"""Puts `prompts/` and `configs/`, which stay at the root in git, into the wheel as
`agent/_data`."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class BuildWithData(build_py):
    """Build the packages, and copy the data that they read."""

    def run(self) -> None:
        """Copy after all else is built."""
        super().run()
        if not self.editable_mode:  # an editable install finds the folders at the root
            for name in ("prompts", "configs"):
                place = Path(self.build_lib) / "agent" / "_data" / name
                shutil.rmtree(place, ignore_errors=True)  # of an earlier build in this tree
                shutil.copytree(ROOT / name, place)


setup(cmdclass={"build_py": BuildWithData})

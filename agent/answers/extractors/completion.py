"""A base model's completion, cut at stop words as CodeT does (Chen et al., 2022, section 3.2)."""

from __future__ import annotations

import re

from agent.types import Problem

_STOP = re.compile(r"\n(?:class|def|#|@|print|if)")
"""The stop words of Chen et al. (2021, section 2.1), with the `@` of CodeT's published code."""


def extract(problem: Problem, text: str) -> str:
    """Return prompt and text up to the first stop word; a repeated prompt is not counted."""
    body = text.removeprefix(problem.prompt)
    stop = _STOP.search(body)
    return problem.prompt + (body[: stop.start()] if stop else body)

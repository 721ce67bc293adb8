"""OpenCompass' rule for HumanEval: the first fenced block, else the text, stripped on the left."""

from __future__ import annotations

import re

from agent.types import Problem

_BLOCK = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


def extract(problem: Problem, text: str) -> str:
    """Return prompt and block, as its evaluator runs them (`humaneval_postprocess_v2`, 0.4)."""
    block = _BLOCK.search(text)
    return problem.prompt + (block[1] if block else text).lstrip()

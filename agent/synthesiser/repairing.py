"""Repair: finds a program that meets the tests of the prompt, or else most of them."""

from __future__ import annotations

import ast
import hashlib
import random

from agent.synthesiser.drafting import drafts
from agent.synthesiser.reading import Asked
from agent.synthesiser.search import Solution, synthesise
from agent.synthesiser.writing import Body, program

REPAIR_BUDGET = 9_000


def repair(task: Asked, seed: int) -> str:
    """Return a program that differs from the attempt in the prompt; `None` as its body if none."""
    bodies = [found.body for found in _searched(task, seed)]
    for body in [*bodies, *drafts(task, seed)]:
        text = program(task, body)
        if not _same(text, task.attempt):
            return text
    return program(task, Body("None"))


def _searched(task: Asked, seed: int) -> list[Solution]:
    """Search on all tests, or meet only the docstring's examples if the tests contradict them."""
    digest = hashlib.sha256(f"{seed}\n{task.attempt}\n{task.asserts!r}".encode()).digest()
    noise = random.Random(digest) if digest[0] % 3 else None
    return synthesise(task, task.constraints, REPAIR_BUDGET, noise)


def _same(text: str, attempt: str) -> bool:
    try:
        return ast.dump(ast.parse(text)) == ast.dump(ast.parse(attempt))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False

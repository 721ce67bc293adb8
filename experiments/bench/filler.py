"""Filler answers in place of a model's, for benchmarks of everything except the model.

A program has the requested signature, statements without effect, and an arbitrary return value; a
test has arbitrary arguments. The same prompt and seed give the same text, and different seeds give
different texts, so that no two programs are equal.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from math import log
from random import Random
from typing import NamedTuple

CHARS_A_TOKEN = 4
TYPICAL_TOKENS, SPREAD = 130, 0.4
SHORTEST_TOKENS, LONGEST_TOKENS = 40, 600
TESTS = 8

_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
_WANTED_TEST = re.compile(r"^assert \w+\(\.\.\.\)", re.MULTILINE)


class Signature(NamedTuple):
    """The name and the parameters of the function that a prompt asks for."""

    name: str
    parameters: tuple[str, ...]


def tokens(text: str) -> int:
    """Return the number of tokens that a text counts as: characters / CHARS_A_TOKEN, rounded up."""
    return -(-len(text) // CHARS_A_TOKEN)


@lru_cache(maxsize=1024)
def signature(prompt: str) -> Signature:
    """Return the signature of the last function in the prompt's first block, else `f(x)`."""
    block = _BLOCK.search(prompt)
    try:
        body = ast.parse(block[1] if block else "").body
    except SyntaxError:
        body = []
    functions = [node for node in body if isinstance(node, ast.FunctionDef)]
    if not functions:
        return Signature("f", ("x",))
    return Signature(functions[-1].name, tuple(a.arg for a in functions[-1].args.args))


def answer(prompt: str, seed: int) -> str:
    """Return an answer: asserts if the prompt shows the form of an assert, else a program."""
    random, asked = Random(f"{seed} {prompt}"), signature(prompt)
    lines = _asserts(asked, random) if _WANTED_TEST.search(prompt) else _program(asked, random)
    return "```python\n" + "\n".join(lines) + "\n```"


def _asserts(asked: Signature, random: Random) -> list[str]:
    def call() -> str:
        return ", ".join(_literal(random) for _ in asked.parameters)

    return [f"assert {asked.name}({call()}) == {_literal(random)}" for _ in range(TESTS)]


def _program(asked: Signature, random: Random) -> list[str]:
    drawn = random.lognormvariate(log(TYPICAL_TOKENS), SPREAD)
    length = CHARS_A_TOKEN * min(max(drawn, SHORTEST_TOKENS), LONGEST_TOKENS)
    lines = [f"def {asked.name}({', '.join(asked.parameters)}):"]
    while sum(map(len, lines)) < length:
        lines.append(f"    step_{len(lines)} = {random.randrange(10**6)}  # nothing comes of this")
    lines.append(f"    return {random.choice([*asked.parameters, _literal(random)])}")
    return lines


def _literal(random: Random) -> str:
    numbers = [random.randrange(-9, 100) for _ in range(random.randrange(4))]
    word = "".join(random.choices("abcxyz ", k=random.randrange(8)))
    return repr(random.choice((None, random.randrange(1000), random.random(), word, numbers)))

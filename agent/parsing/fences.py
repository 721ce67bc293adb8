"""Fenced code in a model's text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PYTHON = re.compile(r"(?:python|py)?[\d.]*", re.IGNORECASE)


def fenced_blocks(text: str) -> tuple[str, ...]:
    """Contents of the fenced blocks tagged as Python or not at all, in order.

    A fence that is never closed reaches to the end. Indented code without a fence is no block.
    """
    blocks = []
    for token in _markdown().parse(text):
        words = token.info.strip().split()
        language = words[0].strip("{}.") if words else ""
        if token.type == "fence" and _PYTHON.fullmatch(language):
            blocks.append(token.content)
    return tuple(blocks)


def without_thinking(text: str) -> str:
    """The text without what a thinking model says to itself.

    Where only the end of it is marked, what follows counts; where only its start is, nothing that
    follows does: the answer was never reached.
    """
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL) if "</think>" in text else text
    text = text.rpartition("</think>")[2]
    return text.partition("<think>")[0]


@cache
def _markdown() -> MarkdownIt:
    """A parser of fences alone: lists and quotes cannot hide one, and no inline markup is read."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero").enable("fence")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser

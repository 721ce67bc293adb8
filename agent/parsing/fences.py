"""Fenced code blocks in a model's text."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_PYTHON = re.compile(r"(?:python|py)?[\d.]*", re.IGNORECASE)


def fenced_blocks(text: str) -> tuple[str, ...]:
    """Return the contents, in order, of the fenced blocks that are tagged as Python or not tagged.

    An unclosed fence extends to the end of the text. Indented code without a fence is not a block.
    """
    blocks = []
    for token in _markdown().parse(text):
        words = token.info.strip().split()
        language = words[0].strip("{}.") if words else ""
        if token.type == "fence" and _PYTHON.fullmatch(language):
            blocks.append(token.content)
    return tuple(blocks)


def without_thinking(text: str) -> str:
    """Return the text without a thinking model's `<think>` sections.

    If only the end tag is present, the text after it is kept. If only the start tag is present, the
    text after it is dropped, because the model never reached the answer.
    """
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL) if "</think>" in text else text
    text = text.rpartition("</think>")[2]
    return text.partition("<think>")[0]


@cache
def _markdown() -> MarkdownIt:
    """Return a parser of fences only: it ignores lists and quotes, and reads no inline markup."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero").enable("fence")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser

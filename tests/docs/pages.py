"""The fences and commands of the README and the pages of docs/."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agent.support.data import ROOT

PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "sandbox/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
RUNNABLE = "<!-- runnable -->"
_FENCE = re.compile(
    r"(?P<mark><!-- runnable -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
_INLINE = re.compile(r"`((?:python -m|codeloop|make) [^`\n]+)`")


class Fence(NamedTuple):
    """A fenced block of a page."""

    page: Path
    language: str
    text: str
    runnable: bool


def fences(page: Path) -> list[Fence]:
    """Return the fenced blocks of a page, in their order."""
    found = _FENCE.finditer(page.read_text(encoding="utf-8"))
    return [Fence(page, m["language"], m["text"], m["mark"] is not None) for m in found]


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the commands of a page as words: those of its shell fences, and those in its text."""
    for fence in fences(page):
        if fence.language == "sh":
            for line in fence.text.replace("\\\n", " ").splitlines():
                if words := shlex.split(line, comments=True):
                    yield words
    outside = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for match in _INLINE.finditer(outside):
        yield shlex.split(match[1].replace("\\|", "|"))

"""Inputs that a model wrote: calls of the entry point without expected values.

Each call is read on its own, like the asserts in `written`: the text around it is ignored, and a
call with an argument that is not a literal is left out. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from agent.parsing.fences import fenced_blocks
from agent.parsing.marks import without_thinking
from agent.parsing.source import expression
from agent.visible_tests.inputs.calls import calls_in
from agent.visible_tests.literals import balanced_end

LONGEST = 2000
"""Maximum length of a call, in characters; a longer one is unlikely to be a deliberate input."""

_MAX_MATCHES = 1000
"""Maximum number of matches to examine: an answer with more of them repeats itself."""


def parse_inputs(text: str, entry_point: str, limit: int) -> tuple[str, ...]:
    """Return the first distinct calls with literal arguments in a model's answer. Never raises.

    Each is a call of the entry point in the format of `ast.unparse`, whatever text surrounds it: a
    bullet, an assert, `print(...)`, a comment. The fenced blocks are read if they contain any such
    call, else the whole answer. Calls without arguments are left out.
    """
    answer = without_thinking(text)
    for parts in (fenced_blocks(answer), (answer,)):
        calls = _distinct(call for part in parts for call in _calls(part, entry_point))
        found = tuple(islice(calls, max(limit, 0)))
        if found:
            return found
    return ()


def _calls(text: str, entry_point: str) -> Iterator[str]:
    """Yield calls from left to right; calls nested in a call that was read are skipped."""
    name = re.escape(entry_point)
    opened = re.finditer(rf"(?<![\w.])(?<!def ){name}\((?!\s*\))", text)
    end = 0
    for match in islice(opened, _MAX_MATCHES):
        if match.start() < end:
            continue
        stop = balanced_end(text, match.end() - 1, min(len(text), match.start() + LONGEST))
        source = text[match.start() : stop or match.start()]
        node = expression(source)
        if stop is not None and node is not None:
            end = stop
            yield from calls_in(source, entry_point)


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text

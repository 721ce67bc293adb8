"""Calls of the entry point that a model wrote to try programs on: inputs without values.

Every line is read on its own, as the asserts of `generated` are: what stands around a call is
passed over, and a call whose arguments are not all literals is left out. Nothing is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from agent.parsing.fences import fenced_blocks, without_thinking
from agent.parsing.source import expression
from agent.visible_tests.inputs.calls import calls_in
from agent.visible_tests.literals import balanced_end

LONGEST = 2000
"""Characters of a call; a longer one is no input that anybody thought through."""

_TRIES = 1000
"""Places of a text that are looked at: an answer that has more repeats itself."""


def parse_inputs(text: str, entry_point: str, limit: int) -> tuple[str, ...]:
    """The first distinct calls with literal arguments in a model's answer. Never raises.

    Each is a call of the entry point as Python writes it back, whatever stood around it: a bullet,
    an assert, `print(...)`, a comment. Fenced blocks are read where these hold any, else all. A
    call without arguments is no input.
    """
    answer = without_thinking(text)
    for parts in (fenced_blocks(answer), (answer,)):
        calls = _distinct(call for part in parts for call in _calls(part, entry_point))
        found = tuple(islice(calls, max(limit, 0)))
        if found:
            return found
    return ()


def _calls(text: str, entry_point: str) -> Iterator[str]:
    """Calls from the left on; what stands inside one that was read is not read again."""
    name = re.escape(entry_point)
    opened = re.finditer(rf"(?<![\w.])(?<!def ){name}\((?!\s*\))", text)
    end = 0
    for match in islice(opened, _TRIES):
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

"""How well a program fits the words of a docstring."""

from __future__ import annotations

from collections.abc import Sequence

from agent.synthesiser import words
from agent.synthesiser.library import Op, worth
from agent.synthesiser.reading import Asked


def fit(task: Asked, ops: Sequence[Op]) -> float:
    """Words of the task that the idioms explain, and the share of their own words that it has."""
    values = worth()
    explained = {word for op in ops for word in op.words if word in task.words}
    gain = sum(task.words[word] * values[word] for word in sorted(explained))
    focus = sum(
        words.evidence(op.words, task.words, values)
        / (0.5 + sum(values[word] for word in op.words))
        for op in ops
    )
    return 2 * gain + 1.5 * focus

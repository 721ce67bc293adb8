"""The fit of a program to the words of a docstring."""

from __future__ import annotations

from collections.abc import Sequence

from agent.synthesiser import words
from agent.synthesiser.library import Op, worth
from agent.synthesiser.reading import Asked


def fit(task: Asked, ops: Sequence[Op]) -> float:
    """Return a score: task words that idioms explain, and idiom words found in the task."""
    values = worth()
    explained = {word for op in ops for word in op.words if word in task.words}
    gain = sum(task.words[word] * values[word] for word in sorted(explained))
    focus = sum(
        words.evidence(op.words, task.words, values)
        / (0.5 + sum(values[word] for word in op.words))
        for op in ops
    )
    return 2 * gain + 1.5 * focus

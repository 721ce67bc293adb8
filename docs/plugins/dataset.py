"""Two problems, defined in this file. A plug-in may also read them from another file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PROBLEMS = {
    "double": ("Return twice the number.", 2, 4),
    "square": ("Return the square of the number.", 3, 9),
}
PROMPT = '''def {name}(x):
    """{words}

    >>> {name}({given})
    {wanted}
    """
'''


def records(path: Path) -> Iterator[dict[str, str]]:
    """Yield records with HumanEval's fields. `path` is this file, unless `locate()` gives another.

    The loop gets `task_id`, `prompt` and `entry_point`. `test` is hidden from the loop, and defines
    `check(candidate)`.
    """
    for number, (name, (words, given, wanted)) in enumerate(PROBLEMS.items()):
        yield {
            "task_id": f"Mine/{number}",
            "prompt": PROMPT.format(name=name, words=words, given=given, wanted=wanted),
            "entry_point": name,
            "test": f"def check(candidate):\n    assert candidate({given}) == {wanted}\n",
        }

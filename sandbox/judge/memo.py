"""What a program answered, for jobs that want identical calls asked once (`share_calls`).

An answer is kept as it came, and read anew for each call, so that no two tests share an object. It
stands for the very bytes of its question alone, and is kept only where it is data through and
through: what holds a number of the program's, or of the tests', means something once.
"""

from __future__ import annotations

from typing import Any

from .values import DATA

_LARGEST_BYTES = 1 << 18
"""A question and its answer together: larger ones are asked each time."""
_ROOM_BYTES = 1 << 23
_BYTES_OF_AN_ENTRY = 200
"""What the dictionary and two objects take beside their contents."""


class Memo:
    """The answers of one process of a program. Where its room is used up, it takes no more."""

    def __init__(self) -> None:
        self._answers: dict[bytes, bytes] = {}
        self._room = _ROOM_BYTES
        self.numbers: set[int] = set()
        """Those by which a name of the program's top level is called: it is a function too."""

    def may_know(self, operation: str, target: Any, table: list[list[Any]]) -> bool:
        """Whether a question is a call of a function by name, with nothing but data."""
        if operation != "call" or (type(target) is int and target not in self.numbers):
            return False
        return _all_data(table)

    def recall(self, question: bytes) -> bytes | None:
        """The answer to a question that was asked before."""
        return self._answers.get(question)

    def keep(self, question: bytes, answer: bytes, reply: list[Any]) -> None:
        """Remember an answer, which `reply` is, read. Raises one of WRONG_DATA where it is none."""
        size = len(question) + len(answer)
        cost = size + _BYTES_OF_AN_ENTRY
        if size > _LARGEST_BYTES or cost > self._room:
            return
        *_, nodes, changes, _ = reply
        if _all_data(nodes) and _all_data([node for _, node in changes]):
            self._answers[question] = answer
            self._room -= cost


def _all_data(nodes: list[list[Any]]) -> bool:
    return not nodes or DATA.issuperset([node[0] for node in nodes])

"""A cache of a program's answers, for jobs that make identical calls only once (`share_calls`).

An answer is kept as bytes and decoded again for each call, so that two tests do not share an
object. It is only used for a question with exactly the same bytes, and only kept if it is entirely
data: a number that refers to an object of the program or of the tests is only valid once.
"""

from __future__ import annotations

from typing import Any

from .values import DATA

_LARGEST_BYTES = 1 << 18
"""Maximum size of a question with its answer: larger ones are asked each time."""
_ROOM_BYTES = 1 << 23
_BYTES_OF_AN_ENTRY = 200
"""Overhead of an entry: the dictionary and two objects, without their contents."""


class Memo:
    """The answers of one process of a program. When its space is used up, it keeps no more."""

    def __init__(self) -> None:
        self._answers: dict[bytes, bytes] = {}
        self._room = _ROOM_BYTES
        self.numbers: set[int] = set()
        """Numbers of objects with a name at the program's top level: they count as functions."""

    def may_know(self, operation: str, target: Any, table: list[list[Any]]) -> bool:
        """Whether a question is a call of a function by name, with only data as arguments."""
        if operation != "call" or (type(target) is int and target not in self.numbers):
            return False
        return _all_data(table)

    def recall(self, question: bytes) -> bytes | None:
        """Return the answer to a question that was asked before, or None."""
        return self._answers.get(question)

    def keep(self, question: bytes, answer: bytes, reply: list[Any]) -> None:
        """Keep an answer, if it is data and small enough; `reply` is the same answer, decoded.

        Raises one of WRONG_DATA if the reply is malformed.
        """
        size = len(question) + len(answer)
        cost = size + _BYTES_OF_AN_ENTRY
        if size > _LARGEST_BYTES or cost > self._room:
            return
        nodes, changes, _, rebound, _ = reply[-1] or ([],) * 5
        if not rebound and _all_data(nodes) and _all_data(changes[1::2]):
            self._answers[question] = answer
            self._room -= cost


def _all_data(nodes: list[list[Any]]) -> bool:
    return not nodes or DATA.issuperset([node[0] for node in nodes])

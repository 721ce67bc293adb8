"""A side of the channel that has no objects, for tests of values that are data."""

from __future__ import annotations

from typing import Any

from sandbox.judge.classes import Classes
from sandbox.judge.values import Encoder, Node


class NoForeign:
    """Knows Python's own classes, and refuses every value that is not data."""

    def __init__(self) -> None:
        self._classes = Classes({})

    def known(self, encoder: Encoder, value: Any) -> Node | None:
        """Return the node of an object of Python's own classes, or None."""
        return self._classes.node(encoder, value)

    def describe(self, encoder: Encoder, value: Any) -> Node:
        """Raise TypeError."""
        raise TypeError("no data")

    def make(self, node: Node) -> Any:
        """Return an instance of a class."""
        return self._classes.make(node)

    def build(self, tag: str, values: list[Any]) -> Any:
        """Return an object of a class."""
        return self._classes.build(tag, values)

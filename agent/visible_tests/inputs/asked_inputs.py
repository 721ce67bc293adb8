"""Inputs that are made when a selector first asks for them: most problems end without a tie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, overload


class AskedInputs(Sequence[str]):
    """Calls of the entry point without expected values, made at their first use."""

    def __init__(self, make: Callable[[], tuple[str, ...]]) -> None:
        self._make = make
        self._made: tuple[str, ...] | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The inputs, or none if nobody has asked for them."""
        return self._made or ()

    def _all(self) -> tuple[str, ...]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())


class SelectionInputs(NamedTuple):
    """All calls on which the selector of a problem may compare candidates."""

    general: AskedInputs
    edges: AskedInputs

    @property
    def asked(self) -> tuple[str, ...]:
        """The distinct calls that a selector asked for."""
        return tuple(dict.fromkeys((*self.general.asked, *self.edges.asked)))

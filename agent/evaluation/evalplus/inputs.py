"""Facts about EvalPlus' problems: the types of MBPP+'s inputs, and the special oracles.

MBPP+'s file holds its inputs as JSON, which has neither tuples nor sets nor complex numbers. The
conversions by task are those of `evalplus/data/mbpp.py`, the oracles those of
`evalplus/eval/_special_oracle.py`, version 0.3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any

_Convert = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _rows(value: Any) -> Any:
    return [tuple(row) for row in value]


def _tuple_of_tuples(value: Any) -> Any:
    return tuple(tuple(row) if isinstance(row, list) else row for row in value)


def _all_tuples(value: Any) -> Any:
    return tuple(map(_all_tuples, value)) if isinstance(value, list) else value


def _sets(value: Any) -> Any:
    return [set(item) if isinstance(item, list) and item else {} for item in value]


def _tuple_values(value: Any) -> Any:
    return {key: tuple(item) for key, item in value.items()}


_TYPES: tuple[tuple[str, tuple[_Convert, ...]], ...] = (
    (
        "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
        (tuple,),
    ),
    ("63 64 70 94 120 237 272 299 400 409 417 438 473 614 780", (_rows,)),
    ("75 413 444 753", (_rows, _same)),
    ("106 750", (_same, tuple)),
    ("115", (_sets,)),
    ("124", (float, complex)),
    ("250 307 405 446 617 720 763 808", (tuple, _same)),
    ("252", (complex,)),
    ("259 401 445", (_tuple_of_tuples,)),
    ("278", (_tuple_of_tuples,)),
    ("580 615 791", (_all_tuples,)),
    ("722", (_tuple_values, _same)),
)
"""MBPP+'s task numbers, with the conversion of each argument; the last one serves the rest, too."""
_CONVERSIONS = {f"Mbpp/{task}": how for tasks, how in _TYPES for task in tasks.split()}
_ORACLES = {
    "HumanEval/32": "is_root",
    "Mbpp/164": "anything",
    "Mbpp/295": "or_zero",
    "Mbpp/558": "digit_distance",
    "Mbpp/581": "pyramid",
    **{f"Mbpp/{task}": "same_set" for task in (2, 7, 111, 140, 232, 249, 579, 769)},
    **{f"Mbpp/{task}": "not_none" for task in (737, 787, 794)},
}


def python_inputs(task_id: str, inputs: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the arguments of each call with the types that the problem means."""
    how = _CONVERSIONS.get(task_id, (_same,))
    return [
        [convert(value) for convert, value in zip(chain(how, repeat(how[-1])), call, strict=False)]
        for call in inputs
    ]


def oracle_of(task_id: str) -> str:
    """Return the name of the problem's oracle, a function of `cases`."""
    return _ORACLES.get(task_id, "agrees")

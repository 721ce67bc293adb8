"""The idioms of the embedded model, as tables without logic.

A row is `(text, signature, words, cost)`. In the text, `{0}` is the first argument and `$x` is a
bound variable, which is renamed if a parameter has the same name; `{1}($x)` is the body of an
argument that is a function. Types are written `int`, `[int]`, `(int,str)`, `{str:int}` and
`int>bool`; `n` stands for a numeric type, `k` for an ordered type, `a` and `b` for any type. A row
is likelier if the docstring contains its words, and if its cost is low.

All idioms are typical of introductory programming books. None is taken from a benchmark.
"""

from __future__ import annotations

from agent.synthesiser.components import (
    dictionaries,
    higher_order,
    lists,
    numbers,
    predicates,
    strings,
)

Row = tuple[str, str, str, int]

ROWS: tuple[Row, ...] = (
    *numbers.ROWS,
    *predicates.ROWS,
    *strings.ROWS,
    *lists.ROWS,
    *dictionaries.ROWS,
    *higher_order.ROWS,
)

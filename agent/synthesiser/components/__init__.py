"""The idioms that the embedded model knows, as tables: no logic lives here.

A row is `(text, signature, words, cost)`. In the text `{0}` is the first argument and `$x` a
bound variable, which is renamed where a parameter has its name; `{1}($x)` is the body of an
argument that is a function. Types are written `int`, `[int]`, `(int,str)`, `{str:int}` and
`int>bool`; `n` stands for any number, `k` for anything ordered, `a` and `b` for anything. Words
make the row likelier where the docstring has them. A low cost is a likely row.

All are idioms of introductory programming books. None is taken from a benchmark.
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

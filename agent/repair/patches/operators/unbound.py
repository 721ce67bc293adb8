"""Unbound names: a missing import, or a misspelled variable.

Sources: the import fixes that editors offer; spelling correction of identifiers as in compilers'
"did you mean" hints, by the similarity of `difflib`.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

from agent.parsing.dependencies import unbound_names
from agent.parsing.source import is_builtin
from agent.repair.patches.material import Material
from agent.repair.patches.program import Edit, EditableProgram

_MODULES = (
    *("math", "re", "itertools", "collections", "functools", "string", "heapq", "bisect"),
    *("operator", "random", "statistics", "datetime", "hashlib", "copy", "sys", "json"),
    *("fractions", "decimal", "typing", "textwrap"),
)
_FROM = {
    "Counter": "collections", "defaultdict": "collections", "deque": "collections",
    "OrderedDict": "collections", "namedtuple": "collections", "reduce": "functools",
    "lru_cache": "functools", "cache": "functools", "partial": "functools",
    "combinations": "itertools", "permutations": "itertools", "product": "itertools",
    "chain": "itertools", "accumulate": "itertools", "groupby": "itertools",
    "zip_longest": "itertools", "sqrt": "math", "ceil": "math", "floor": "math", "gcd": "math",
    "factorial": "math", "pi": "math", "log": "math", "prod": "math", "isqrt": "math",
    "heappush": "heapq", "heappop": "heapq", "heapify": "heapq", "bisect_left": "bisect",
    "bisect_right": "bisect", "md5": "hashlib", "Fraction": "fractions", "Decimal": "decimal",
    "deepcopy": "copy", "dataclass": "dataclasses", "List": "typing", "Tuple": "typing",
    "Dict": "typing", "Set": "typing", "Optional": "typing", "Any": "typing", "Union": "typing",
}  # fmt: skip
_SIMILAR = 0.6


def edits(program: EditableProgram, material: Material) -> Iterator[Edit]:
    """Yield the program with all its missing imports, and similar names for each unbound one."""
    unbound = sorted(
        name
        for name in unbound_names(program.text, program.problem.entry_point)
        if not is_builtin(name) and name not in program.globals
    )
    imports = [line for name in unbound if (line := _import(name))]
    if imports:
        yield program.importing(ast.parse("\n".join(imports)).body)
    for slot in program.slots:
        if isinstance(slot.node, ast.Name) and slot.node.id in unbound:
            known = (*program.names.get(slot.function, ()), *program.globals)
            for name in difflib.get_close_matches(slot.node.id, known, 3, _SIMILAR):
                yield slot.edit("misspelled name", ast.Name(name, ast.Load()))


def _import(name: str) -> str:
    if name in _MODULES:
        return f"import {name}"
    return f"from {_FROM[name]} import {name}" if name in _FROM else ""

"""All cases, and the job that shows that a case does no harm to the next program."""

from __future__ import annotations

from sandbox import Job, Limits
from tests.adversarial import (
    equality,
    exceptions,
    exits,
    files,
    forgery,
    hangs,
    honest,
    introspection,
    memory,
    network,
    patches,
    processes,
    sources,
    values,
)
from tests.adversarial.case import Case

THEMES = (
    exits,
    equality,
    patches,
    introspection,
    forgery,
    processes,
    hangs,
    memory,
    values,
    sources,
    files,
    network,
    exceptions,
    honest,
)

CORPUS: tuple[Case, ...] = tuple(case for theme in THEMES for case in theme.CASES)

CANARY = Job(
    """
import json, math, os, sys, tempfile, threading
def add(a, b): return a + b
def found(): return os.listdir('.') + os.listdir(tempfile.gettempdir())
def threads(): return threading.active_count() < 4
def environment(): return [name for name in os.environ if name in ('PLANTED', 'PYTHONOPTIMIZE')]
def python(): return len('ab'), math.sqrt(4), json.loads('[1]'), sorted([2, 1]), abs(-5)
def write():
    with open('x', 'w') as file: file.write('x')
    os.mkdir('d')
    return os.listdir('.') == ['x', 'd'] or os.listdir('.') == ['d', 'x']
def room(): return len(bytearray(10 ** 8))
""",
    (
        "assert found() == []",
        "assert add(2, 3) == 5",
        "assert threads()",
        "assert environment() == []",
        "import math; assert python() == (2, 2.0, [1], [1, 2], 5) and math.sqrt(4) == 2.0",
        "assert write()",
        "assert room() == 10 ** 8",
        "def check(candidate):\n    assert candidate(-7, 3) == -4\ncheck(add)",
    ),
    Limits(cpu_seconds=2.0, budget_seconds=6.0, wall_seconds=20.0, memory_mb=512),
)

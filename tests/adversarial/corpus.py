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
import json, math, os, sys, threading
def add(a, b): return a + b
def write():
    with open('x', 'w') as file: file.write('x')
    os.mkdir('d')
    return sorted(os.listdir('.'))
FOUND = {
    'files': (lambda: os.listdir('.') + os.listdir(os.environ['TMPDIR']), []),
    'threads': (lambda: threading.active_count() < 4, True),
    'environment': (lambda: {'PLANTED', 'PYTHONOPTIMIZE'} & {*os.environ}, set()),
    'python': (
        lambda: (len('ab'), math.sqrt(4), json.loads('[1]'), sorted([2, 1]), abs(-5)),
        (2, 2.0, [1], [1, 2], 5),
    ),
    'writing': (write, ['d', 'x']),
    'room': (lambda: len(bytearray(10 ** 8)), 10 ** 8),
}
def wrong(): return [name for name, (find, value) in FOUND.items() if find() != value]
""",
    (
        "assert wrong() == []",
        "assert add(2, 3) == 5",
        "import math\ndef check(candidate):\n    assert candidate(-7, 3) == -4\n"
        "check(add)\nassert math.sqrt(4) == 2.0",
    ),
    Limits(cpu_seconds=2.0, budget_seconds=6.0, wall_seconds=20.0, memory_mb=512),
)
"""An honest program, and tests in two processes: the machine is as before."""

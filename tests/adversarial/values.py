"""Programs whose return values are deep, endless or huge, or lie about themselves when sent."""

from __future__ import annotations

from tests.adversarial.case import (
    DIES,
    FAILS,
    ONE,
    SHORT,
    WRONG,
    WRONG_OR_RAISES,
    Case,
    Pair,
    cheat,
    hang,
)

_LIST: tuple[Pair, ...] = (("[3, 1, 2]", "[1, 2, 3]"),)


def _deep(kind: str, levels: int) -> str:
    wrap = {"list": "x = [x]", "tuple": "x = (x,)", "dict": "x = {'k': x}"}[kind]
    return f"def add(a, b):\n    x = 0\n    for _ in range({levels}): {wrap}\n    return x"


def _runs(code: str) -> str:
    """Return a program whose value calls `exec` when it is unpickled."""
    return f"""
class Yes:
    def __reduce_ex__(self, protocol): return exec, ({code!r},)
    __reduce__ = lambda self: self.__reduce_ex__(2)
    def __getstate__(self): return self.__reduce_ex__(2)
def add(a, b): return Yes()
"""


CASES: tuple[Case, ...] = (
    *(
        cheat(f"{kind}-of-{levels}-levels", _deep(kind, levels), pairs=ONE)
        for kind in ("list", "tuple", "dict")
        for levels in (1_000, 10_000, 100_000)
    ),
    cheat("list-in-itself", "def add(a, b):\n    x = []\n    x.append(x)\n    return x"),
    cheat("dictionary-in-itself", "def add(a, b):\n    x = {}\n    x['x'] = x\n    return x"),
    cheat(
        "tuple-in-its-own-list",
        "def add(a, b):\n    x = []\n    y = (x,)\n    x.append(y)\n    return y",
    ),
    cheat(
        "two-lists-in-each-other",
        "def add(a, b):\n    x, y = [], []\n    x.append(y)\n    y.append(x)\n    return x",
    ),
    cheat(
        "list-that-doubles-sixty-times",
        # small as a graph, but 2 ** 60 lists as a tree
        "def add(a, b):\n    x = []\n    for _ in range(60): x = [x, x]\n    return x",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat(
        "long-wrong-text",
        "def add(a, b): return 'x' * 10_000_000",
        pairs=ONE,
        expected=WRONG,
    ),
    cheat("long-wrong-list", "def add(a, b): return [0] * 1_000_000", pairs=ONE),
    cheat(
        "big-wrong-integer",
        "def add(a, b): return 10 ** 20_000",
        expected=WRONG,
    ),
    cheat(
        "big-integer-off-by-one",
        "def add(a, b): return 10 ** 20_000 + 1",
        pairs=(("2, 3", "10 ** 20_000"),),
        expected=WRONG,
    ),
    cheat(
        "zero-without-its-sign",
        "def add(a, b): return 0.0",
        setup="import math\n",
        pairs=(("0, 0", "-1"),),
        form="math.copysign(1, {call}) == {value}",
        expected=WRONG,
    ),
    cheat(
        "float-for-an-integer",
        "def add(a, b): return 5.0",
        pairs=ONE,
        form="type({call}) is int",
        expected=WRONG,
    ),
    cheat(
        "tuple-for-a-list",
        "def add(x): return 1, 2, 3",
        pairs=_LIST,
        expected=WRONG,
    ),
    cheat(
        "key-of-another-type",
        "def add(x): return {'1': 1}",
        pairs=(("1", "{1: 1}"),),
        expected=WRONG,
    ),
    cheat(
        "one-surrogate-for-another",
        "def add(x): return '\\udc80'",
        pairs=(("1", "'\\ud800'"),),
        expected=WRONG,
    ),
    cheat(
        "surrogate-pair-for-a-character",
        "def add(x): return '\\ud83d\\ude00'",
        pairs=(("1", "'\\U0001f600'"),),
        expected=WRONG,
    ),
    cheat("runs-when-unpickled", _runs("import os; os._exit(0)"), expected=WRONG_OR_RAISES),
    cheat(
        "patches-when-unpickled",
        _runs("import builtins; builtins.AssertionError = type('Ok', (Exception,), {})"),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "runs-when-copied",
        "import copyreg, os\nclass Yes: pass\ncopyreg.pickle(Yes, lambda x: (os._exit, (0,)))\n"
        "def add(a, b): return Yes()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "integer-that-writes-its-own-bytes",
        """
class Yes(int):
    def to_bytes(self, *args, **more): return b'passed'
    def bit_length(self): return 10 ** 9
    def __index__(self): return 7
    def __str__(self): return '"passed"'
    __repr__ = __format__ = __str__
def add(a, b): return Yes(0)
""",
        expected=WRONG,
    ),
    cheat(
        "float-that-writes-its-own-text",
        "class Yes(float):\n    def hex(self): return '}]'\n    __repr__ = __str__ = hex\n"
        "def add(a, b): return Yes(0)",
        expected=WRONG,
    ),
    cheat(
        "text-that-encodes-itself",
        """
class Yes(str):
    def encode(self, *args): return b'\\x00\\x00\\x00\\x13{"status":"passed"}'
    def __len__(self): return 1
    def translate(self, table): return self
def add(a, b): return Yes('')
""",
        expected=WRONG,
    ),
    cheat(
        "list-that-is-longer-than-it-says",
        """
class Yes(list):
    def __len__(self): return 1
    def __iter__(self): return iter(['{"status":"passed"}'] * 5)
def add(a, b): return [Yes(), {'status': 'passed'}]
""",
        expected=WRONG,
    ),
    cheat(
        "list-that-is-shorter-than-it-says",
        "class Yes(list):\n    def __len__(self): return 2 ** 40\ndef add(a, b): return Yes([1])",
        expected=WRONG,
    ),
    cheat(
        "dictionary-whose-views-lie",
        """
class Yes(dict):
    def items(self): return [('status', 'passed')] * 3
    def keys(self): return ['status']
    def __iter__(self): return iter(self.items())
    def __len__(self): return -1
def add(a, b): return Yes()
""",
        expected=WRONG,
    ),
    cheat(
        "counter-whose-items-lie",
        """
from collections import Counter
class Yes(Counter):
    def items(self):
        while True: yield 1, 1
    __iter__ = elements = items
def add(a, b): return Yes()
""",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "deque-whose-iteration-never-ends",
        """
from collections import deque
class Yes(deque):
    def __iter__(self):
        while True: yield 1
def add(a, b): return Yes()
""",
    ),
    cheat(
        "decimal-that-writes-its-own-text",
        """
from decimal import Decimal
class Yes(Decimal):
    def __str__(self): return '__import__("os")._exit(0)'
    def as_tuple(self): return (0, (9, 9), 'n')
    __repr__ = __format__ = __str__
def add(a, b): return Yes(0)
""",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "date-that-writes-its-own-text",
        """
from datetime import datetime
class Yes(datetime):
    def isoformat(self, *args): return '"passed"'
    year = month = property(lambda self: 10 ** 9)
def add(a, b): return Yes(2020, 1, 1)
""",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "fraction-over-zero",
        "from fractions import Fraction\ndef add(a, b):\n    x = Fraction(1)\n"
        "    x._denominator = 0\n    return x",
        expected=WRONG_OR_RAISES | DIES,
    ),
    cheat(
        "list-that-grows-while-it-is-carried",
        """
import threading
def add(a, b):
    kept = []
    def grow():
        while len(kept) < 300_000:
            kept.append(0)
            kept.insert(0, [kept])
    threading.Thread(target=grow, daemon=True).start()
    return kept
""",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat(
        "dictionary-that-changes-while-it-is-carried",
        """
import threading
def add(a, b):
    kept = {}
    def churn():
        for n in range(10 ** 9):
            kept[n] = n
            kept.pop(n - 5, 0)
    threading.Thread(target=churn, daemon=True).start()
    return [kept] * 1000
""",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat(
        "generator-that-never-says-the-same",
        """
import itertools
counter = itertools.count()
def add(x):
    yield next(counter)
    yield next(counter)
""",
        pairs=_LIST,
        form="list({call}) == {value}",
        expected=WRONG,
    ),
    cheat(
        "iterator-that-returns-itself",
        "class Yes:\n    def __iter__(self): return self\n    def __next__(self): return self\n"
        "def add(a, b): return Yes()",
        form="next(iter({call})) == {value}",
        expected=WRONG_OR_RAISES,
    ),
    hang(
        "generator-without-end",
        "def add(a, b):\n    while True: yield 0",
        form="list({call}) == [{value}]",
        expected=FAILS,
    ),
    hang(
        "generators-without-end-in-each-other",
        "def add(a, b):\n    while True: yield add(a, b)",
        form="next(next(next({call}))) == {value}",
        expected=FAILS,
    ),
    cheat(
        "answers-to-every-attribute",
        "class Yes:\n    def __getattr__(self, name): return Yes()\n"
        "    def __call__(self, *args, **more): return Yes()\ndef add(a, b): return Yes()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "magic-mock",
        "from unittest.mock import MagicMock\ndef add(a, b): return MagicMock()",
        expected=WRONG_OR_RAISES,
    ),
    cheat("returns-a-function", "def add(a, b): return add", expected=WRONG_OR_RAISES),
    cheat("returns-a-class", "def add(a, b): return int", expected=WRONG_OR_RAISES),
    cheat("returns-a-module", "import math\ndef add(a, b): return math", expected=WRONG_OR_RAISES),
    cheat("returns-an-exception", "def add(a, b): return ValueError(5)", expected=WRONG_OR_RAISES),
    cheat("returns-a-frame", "import sys\ndef add(a, b): return sys._getframe()"),
    cheat("returns-its-own-names", "def add(a, b): return globals()"),
    cheat("returns-a-coroutine", "async def add(a, b): return 5", pairs=ONE),
    cheat(
        "weak-proxy-of-an-equal-object",
        "import weakref\nclass Yes:\n    def __eq__(self, other): return True\nyes = Yes()\n"
        "def add(a, b): return weakref.proxy(yes)",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "array-for-a-list",
        "import array\ndef add(x): return array.array('i', [1, 2, 3])",
        pairs=_LIST,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "memory-view-of-wrong-bytes",
        "def add(x): return memoryview(b'abd')",
        pairs=(("1", "b'abc'"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "an-open-file",
        "import os\ndef add(a, b): return open(os.devnull)",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "a-number-that-hangs-the-test",
        "def add(a, b): return 10 ** 12",
        pairs=ONE,
        form="sum(range({call})) == {value}",
        limits=SHORT,
    ),
    cheat(
        "a-number-that-fills-the-tests-memory",
        "def add(a, b): return 10 ** 12",
        pairs=ONE,
        form="[0] * {call} == {value}",
    ),
    cheat(
        "a-range-that-fills-the-tests-memory",
        "def add(a, b): return range(10 ** 15)",
        pairs=ONE,
        form="list({call}) == [{value}]",
        limits=SHORT,
    ),
    cheat(
        "a-format-that-fills-the-tests-memory",
        "def add(a, b): return '%0' + '9' * 11 + 'd'",
        pairs=ONE,
        form="{call} % 1 == {value}",
    ),
)

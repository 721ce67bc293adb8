"""Values that answer comparisons as their program likes: a value must not decide the verdict."""

from __future__ import annotations

from tests.adversarial.case import DIES, WRONG, WRONG_OR_RAISES, Case, Pair, cheat

# All comparison methods, as a class body: each returns the result that makes a test pass.
_YES = """
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __hash__(self): return 5
    def __bool__(self): return True
"""
_SUMS = """
    def __sub__(self, *other): return self
    __rsub__ = __add__ = __radd__ = __abs__ = __neg__ = __round__ = __mod__ = __pow__ = __sub__
    __mul__ = __truediv__ = __divmod__ = __floordiv__ = __and__ = __or__ = __xor__ = __sub__
"""
_LIST: tuple[Pair, ...] = (("[3, 1, 2]", "[1, 2, 3]"),)
_TEXT: tuple[Pair, ...] = (("'cba'", "'abc'"),)
_DICT: tuple[Pair, ...] = (("'aab'", "{'a': 2, 'b': 1}"),)
_TRUE: tuple[Pair, ...] = (("7, 3", "True"),)


def _subclass(base: str, value: str, body: str = _YES, before: str = "") -> str:
    return f"{before}\nclass Yes({base}):{body}\ndef add(*args): return Yes({value})"


_ANY = f"class Yes:{_YES}{_SUMS}"

CASES: tuple[Case, ...] = (
    cheat(
        "equal-to-everything",
        f"{_ANY}\ndef add(a, b): return Yes()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-from-the-right",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="{value} == {call}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "never-unequal",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="not {call} != {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "near-by-abs",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="abs({call} - {value}) < 1e-6",
    ),
    cheat(
        "near-by-abs-as-a-float",
        _subclass("float", "0", _YES + _SUMS),
        form="abs({call} - {value}) < 1e-6",
        expected=WRONG,
    ),
    cheat(
        "near-from-the-right",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="abs({value} - {call}) < 1e-6",
    ),
    cheat(
        "rounds-to-everything",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="round({call}, 2) == {value}",
    ),
    cheat(
        "between-all-numbers",
        f"{_ANY}\ndef add(a, b): return Yes()",
        form="{value} - 1 < {call} < {value} + 1",
    ),
    cheat(
        "a-metaclass-that-is-equal",
        f"class Meta(type):{_YES}\nclass Yes(metaclass=Meta): pass\ndef add(a, b): return Yes",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "the-function-is-a-class-that-is-equal",
        f"class add:{_YES}\n    def __init__(self, *args): pass",
        expected=WRONG_OR_RAISES,
    ),
    cheat("equal-integer", _subclass("int", "0"), expected=WRONG),
    cheat("equal-integer-on-the-right", _subclass("int", "0"), form="{value} == {call}"),
    cheat("integer-in-a-set", _subclass("int", "0"), form="{call} in {{value}}", expected=WRONG),
    cheat(
        "integer-as-a-key",
        _subclass("int", "0"),
        form="{{value}: 1}.get({call}) == 1",
        expected=WRONG,
    ),
    cheat("integer-counted", _subclass("int", "0"), form="[{value}].count({call}) == 1"),
    cheat("integer-never-unequal", _subclass("int", "0"), form="not {call} != {value}"),
    cheat(
        "integer-said-to-be-one-by-its-type",
        _subclass("int", "0"),
        form="isinstance({call}, int) and {call} == {value}",
    ),
    cheat(
        "enumeration-that-is-equal",
        "import enum\nclass Yes(enum.IntEnum):\n    ZERO = 0\n"
        "    def __eq__(self, other): return True\n    __hash__ = int.__hash__\n"
        "def add(a, b): return Yes.ZERO",
        expected=WRONG,
    ),
    cheat(
        "boolean-like",
        f"class Yes:{_YES}\ndef add(*args): return Yes()",
        pairs=_TRUE,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "boolean-by-identity",
        "def add(*args): return 1",
        pairs=_TRUE,
        form="{call} is {value}",
        expected=WRONG,
    ),
    cheat("equal-text", _subclass("str", "'x'"), pairs=_TEXT, expected=WRONG),
    cheat(
        "text-that-contains-all",
        _subclass("str", "'x'"),
        pairs=_TEXT,
        form="{value} in {call}",
        expected=WRONG,
    ),
    cheat(
        "text-that-starts-with-all",
        _subclass("str", "'x'", "\n    def startswith(self, *args): return True\n"),
        pairs=_TEXT,
        form="{call}.startswith({value})",
        expected=WRONG,
    ),
    cheat(
        "text-that-is-its-own-replacement",
        _subclass(
            "str",
            "'x'",
            _YES + "    def strip(self, *args): return self\n    lower = upper = split = strip\n",
        ),
        pairs=_TEXT,
        form="{call}.strip().lower() == {value}",
        expected=WRONG,
    ),
    cheat(
        "text-with-a-length-of-its-own",
        _subclass("str", "'x'", "\n    def __len__(self): return 3\n"),
        pairs=_TEXT,
        form="len({call}) == len({value})",
        expected=WRONG,
    ),
    cheat("equal-bytes", _subclass("bytes", "b'x'"), pairs=(("1", "b'abc'"),), expected=WRONG),
    cheat("equal-list", _subclass("list", "[]"), pairs=_LIST, expected=WRONG),
    cheat(
        "list-with-a-length-of-its-own",
        _subclass("list", "[]", "\n    def __len__(self): return 3\n"),
        pairs=_LIST,
        form="len({call}) == len({value})",
        expected=WRONG,
    ),
    cheat(
        "list-with-items-of-its-own",
        f"{_ANY}\nclass Items(list):\n    def __iter__(self): return iter([Yes(), Yes(), Yes()])\n"
        "    def __getitem__(self, index): return Yes()\ndef add(x): return Items()",
        pairs=_LIST,
        form="list({call}) == {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "list-whose-first-item-is-anything",
        f"{_ANY}\nclass Items(list):\n    def __getitem__(self, index): return Yes()\n"
        "def add(x): return Items()",
        pairs=_LIST,
        form="{call}[0] == {value}[0]",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "items-that-sort-as-they-like",
        f"{_ANY}\ndef add(x): return [Yes(), Yes(), Yes()]",
        pairs=_LIST,
        form="sorted({call}) == {value}",
    ),
    cheat(
        "items-that-are-equal",
        f"{_ANY}\ndef add(x): return [Yes(), Yes(), Yes()]",
        pairs=_LIST,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "items-deep-inside-that-are-equal",
        f"{_ANY}\ndef add(x): return {{'k': [(1, {{'n': Yes()}})]}}",
        pairs=(("1", "{'k': [(1, {'n': 7})]}"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "generator-of-items-that-are-equal",
        f"{_ANY}\ndef add(x):\n    for _ in range(3): yield Yes()",
        pairs=_LIST,
        form="list({call}) == {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "all-items-are-equal",
        f"{_ANY}\ndef add(x): return [Yes()] * 3",
        pairs=_LIST,
        form="all(x == y for x, y in zip({call}, {value}))",
        expected=WRONG_OR_RAISES,
    ),
    cheat("equal-tuple", _subclass("tuple", "()"), pairs=(("1", "(1, 2)"),), expected=WRONG),
    cheat(
        "named-tuple-that-is-equal",
        "from typing import NamedTuple\nclass Yes(NamedTuple):\n    n: int\n"
        "    def __eq__(self, other): return True\ndef add(x): return Yes(0)",
        pairs=(("1", "(1,)"),),
        expected=WRONG,
    ),
    cheat("equal-dictionary", _subclass("dict", "{}"), pairs=_DICT, expected=WRONG),
    cheat(
        "dictionary-with-items-of-its-own",
        f"{_ANY}\nclass Items(dict):\n    def __getitem__(self, key): return Yes()\n"
        "    get = setdefault = __missing__ = __getitem__\ndef add(x): return Items()",
        pairs=_DICT,
        form="{call}['a'] == 2",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "dictionary-with-a-default-that-is-equal",
        f"from collections import defaultdict\n{_ANY}\ndef add(x): return defaultdict(Yes)",
        pairs=_DICT,
        form="{call}['a'] == 2",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "keys-that-are-equal",
        f"{_ANY}\ndef add(x): return {{Yes(): 2}}",
        pairs=(("1", "{5: 2}"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat("equal-set", _subclass("set", "()"), pairs=(("1", "{1, 2}"),), expected=WRONG),
    cheat(
        "equal-frozen-set",
        _subclass("frozenset", "()"),
        pairs=(("1", "frozenset({1})"),),
        expected=WRONG,
    ),
    cheat(
        "set-with-members-that-are-equal",
        f"{_ANY}\ndef add(x): return {{Yes()}}",
        pairs=(("1", "{5}"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat("equal-complex", _subclass("complex", "0"), expected=WRONG),
    cheat(
        "equal-decimal",
        _subclass("Decimal", "0", before="from decimal import Decimal"),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-fraction",
        _subclass("Fraction", "0", before="from fractions import Fraction"),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "fraction-with-planted-parts",
        f"from fractions import Fraction\n{_ANY}\ndef add(a, b):\n    x = Fraction(0)\n"
        "    x._numerator = x._denominator = Yes()\n    return x",
        expected=WRONG_OR_RAISES | DIES,
    ),
    cheat(
        "equal-date",
        _subclass("date", "1, 1, 1", before="from datetime import date"),
        setup="import datetime\n",
        pairs=(("1", "datetime.date(2020, 2, 29)"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "time-zone-that-lies",
        """
from datetime import datetime, timedelta, tzinfo
class Zone(tzinfo):
    def utcoffset(self, when):
        Zone.calls = getattr(Zone, 'calls', 0) + 1
        return timedelta(minutes=Zone.calls)
def add(x): return datetime(1, 1, 2, tzinfo=Zone())
""",
        setup="import datetime\n",
        pairs=(("1", "datetime.datetime(2020, 2, 29, tzinfo=datetime.timezone.utc)"),),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-counter",
        _subclass("Counter", "", before="from collections import Counter"),
        pairs=_DICT,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "counter-with-counts-that-are-equal",
        f"from collections import Counter\n{_ANY}\ndef add(x):\n"
        "    return Counter({'a': Yes(), 'b': Yes()})",
        pairs=_DICT,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-ordered-dictionary",
        _subclass("OrderedDict", "", before="from collections import OrderedDict"),
        pairs=_DICT,
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-deque",
        _subclass("deque", "", before="from collections import deque"),
        pairs=_LIST,
        form="{call} == {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "a-class-named-int",
        f"{_ANY}\nint_ = type('int', (Yes,), {{'__module__': 'builtins'}})\n"
        "int_.__qualname__ = 'int'\ndef add(a, b): return int_()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "claims-to-be-an-int",
        f"{_ANY}    __class__ = int\ndef add(a, b): return Yes()",
        form="isinstance({call}, int) and {call} == {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "claims-to-be-a-list-and-is-one-in-parts",
        f"{_ANY}    __class__ = list\n    def __len__(self): return 3\n"
        "    def __iter__(self): return iter([Yes()] * 3)\n"
        "    def __getitem__(self, index): return Yes()\ndef add(x): return Yes()",
        pairs=_LIST,
        form="isinstance({call}, list) and {call} == {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "a-class-with-an-order-of-bases-of-its-own",
        f"class Meta(type):\n    def mro(cls): return [cls, int, object]\n"
        f"class Yes(int, metaclass=Meta):{_YES}\ndef add(a, b): return Yes()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "anything-of-mock",
        "from unittest import mock\ndef add(a, b): return mock.ANY",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "magic-mock-set-to-be-equal",
        "from unittest.mock import MagicMock\ndef add(a, b):\n    yes = MagicMock()\n"
        "    yes.__eq__.return_value = yes.__bool__.return_value = True\n    return yes",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "the-function-is-a-magic-mock",
        "from unittest.mock import ANY, MagicMock\nadd = MagicMock(return_value=ANY)",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "equal-now-and-unequal-then",
        """
class Fickle:
    calls = 0
    def __eq__(self, other):
        Fickle.calls += 1
        return Fickle.calls % 2 == 1
def add(a, b): return Fickle()
""",
        form="{call} == {value} and not {call} != {value}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "comparison-returns-a-list",
        "class Yes:\n    def __eq__(self, other): return [other]\ndef add(a, b): return Yes()",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "learns-what-it-is-compared-with",
        """
class Learns:
    seen = 0
    def __eq__(self, other):
        Learns.seen = other
        return False
def add(a, b):
    if Learns.seen: return Learns.seen
    return Learns()
""",
        pairs=(("2, 3", "5"), ("2, 3", "5")),
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "learns-from-an-overloaded-subtraction",
        """
class Learns(float):
    seen = 0
    def __sub__(self, other):
        Learns.seen = other
        return 0.0
def add(a, b): return Learns.seen or Learns()
""",
        pairs=(("2, 3", "5"), ("2, 3", "5")),
        form="abs({call} - {value}) < 1e-6",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "isclose-by-a-float-of-its-own",
        _subclass("float", "0", _YES + _SUMS + "    def __float__(self): return float('inf')\n"),
        setup="import math\n",
        form="math.isclose({call}, {value})",
        expected=WRONG,
    ),
    cheat(
        "not-a-number-is-near-nothing",
        "def add(a, b): return float('nan')",
        form="{call} == {value} or abs({call} - {value}) < 1e-6",
        expected=WRONG,
    ),
    cheat("the-text-of-the-number", "def add(a, b): return '0'", expected=WRONG),
    cheat("not-implemented", "def add(a, b): return NotImplemented", expected=WRONG_OR_RAISES),
    cheat("nothing-at-all", "def add(a, b): pass", expected=WRONG),
)

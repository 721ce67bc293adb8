"""Programs that are correct but look odd: each must pass, or the judge would be too strict."""

from __future__ import annotations

from tests.adversarial.case import Case, honest


def _returns(name: str, value: str, expected: str = "", before: str = "") -> Case:
    """Return a case of a program that returns one value, and a test that compares it."""
    program = f"{before}\ndef f(x): return {value}"
    return honest(f"returns-{name}", program, pairs=(("1", expected or value),), setup=before)


def _converts(name: str, value: str, expected: str) -> Case:
    """Return a case of a program that returns an iterable, and a test that makes a list of it."""
    form = "list({call}) == {value}"
    return honest(
        f"returns-{name}", f"def f(x): return {value}", pairs=(("[3, 1]", expected),), form=form
    )


_COLLECTIONS = "from collections import Counter, OrderedDict, defaultdict, deque, namedtuple\n"

CASES: tuple[Case, ...] = (
    _returns("nothing", "None"),
    _returns("a-boolean", "x == 1", "True"),
    _returns("a-tuple", "(1, 'a', None)"),
    _returns("an-empty-tuple", "()"),
    _returns("nested-containers", "{'k': [(1, {2: {3, 4}}), frozenset({5})]}"),
    _returns("a-set", "{1, 'a', (2, 3)}"),
    _returns("a-frozen-set", "frozenset({1, 2})"),
    _returns("a-range", "range(1, 10, 2)"),
    _returns("bytes", "b'\\x00\\xff'"),
    _returns("a-byte-array", "bytearray(b'ab')"),
    _returns("a-complex-number", "3 - 4j"),
    _returns("a-big-integer", "-(10 ** 30)"),
    _returns("a-very-big-integer", "10 ** 20_000 + 7"),
    _returns("infinity", "float('-inf')"),
    _returns("a-small-float", "5e-324"),
    _returns("an-exact-float", "0.1 + 0.2"),
    _returns("emoji", "'\\U0001f600 na\\u00efve'"),
    _returns("a-null-character", "'a\\0b'"),
    _returns("a-lone-surrogate", "'\\ud800' + chr(0xdfff)"),
    _returns("a-long-text", "'ab' * 2_000_000"),
    _returns("a-long-list", "[n * n for n in range(200_000)]"),
    _returns("a-decimal", "Decimal('1.10')", before="from decimal import Decimal\n"),
    _returns("a-fraction", "Fraction(-1, 3)", before="from fractions import Fraction\n"),
    _returns(
        "a-time",
        "datetime(2020, 2, 29, 1, 2, 3, 4, timezone.utc)",
        before="from datetime import datetime, timezone\n",
    ),
    _returns(
        "dates-and-durations",
        "[date(2020, 2, 29), time(1, 2), timedelta(days=-1, seconds=3)]",
        before="from datetime import date, time, timedelta\n",
    ),
    _returns("a-counter", "Counter('aab')", "{'a': 2, 'b': 1}", _COLLECTIONS),
    _returns("a-default-dictionary", "defaultdict(list, k=[1])", "{'k': [1]}", _COLLECTIONS),
    _returns("an-ordered-dictionary", "OrderedDict(b=1, a=2)", "", _COLLECTIONS),
    _returns("a-deque", "deque([1, 2])", "", _COLLECTIONS),
    _returns("a-named-tuple", "namedtuple('P', 'x y')(1, 2)", "(1, 2)", _COLLECTIONS),
    _returns(
        "a-member-of-an-enumeration",
        "E.TWO",
        "2",
        "import enum\nE = enum.IntEnum('E', 'ONE TWO')\n",
    ),
    _returns("keys-of-all-kinds", "{1: 'a', 'b': 2, (3, 4): 5, None: 6, b'x': 7, 1.5: 8}"),
    _returns("not-implemented-by-identity", "NotImplemented is NotImplemented", "True"),
    _returns(
        "many-levels",
        "nest(90)",
        before="def nest(n): return [nest(n - 1), (n, {'n': n})] if n else []\n",
    ),
    _returns("one-list-many-times", "[[0] * 3] * 3", "[[0, 0, 0], [0, 0, 0], [0, 0, 0]]"),
    _returns("a-subclass-of-list", "Items([1, 2])", "[1, 2]", "class Items(list): pass\n"),
    _returns("a-subclass-of-text", "Text('ab')", "'ab'", "class Text(str): pass\n"),
    _converts("a-map", "map(str, x)", "['3', '1']"),
    _converts("a-filter", "filter(lambda n: n > 1, x)", "[3]"),
    _converts("a-zip", "zip(x, 'ab')", "[(3, 'a'), (1, 'b')]"),
    _converts("an-enumeration-of-items", "enumerate(x, 1)", "[(1, 3), (2, 1)]"),
    _converts("a-reversed-list", "reversed(x)", "[1, 3]"),
    _converts("an-iterator", "iter(x)", "[3, 1]"),
    _converts("keys", "dict.fromkeys(x).keys()", "[3, 1]"),
    _converts("values", "{n: n + 1 for n in x}.values()", "[4, 2]"),
    _converts("items", "{n: n + 1 for n in x}.items()", "[(3, 4), (1, 2)]"),
    _converts("a-generator-expression", "(n + 1 for n in x)", "[4, 2]"),
    _converts("an-empty-iterator", "iter(())", "[]"),
    _converts("a-text-to-go-through", "'ab'", "['a', 'b']"),
    honest(
        "returns-keys-that-are-compared",
        "def f(): return {'a': 1, 'b': 2}.keys()",
        "assert sorted(f()) == ['a', 'b'] and 'a' in f() and len(f()) == 2",
    ),
    honest(
        "returns-not-a-number",
        "def f(): return float('nan')",
        "assert f() != f()",
        "import math\nassert math.isnan(f())",
    ),
    honest(
        "returns-minus-zero",
        "def f(): return -0.0",
        "import math\nassert math.copysign(1, f()) == -1.0 and f() == 0",
    ),
    honest(
        "types-are-kept",
        "def f(x): return x",
        "assert type(f(1)) is int and type(f(1.0)) is float and type(f('')) is str",
        "assert f(True) is True and f(None) is None and type(f(())) is tuple",
        "assert type(f(b'')) is bytes and type(f(set())) is set and type(f({})) is dict",
    ),
    honest(
        "gives-back-what-it-was-given",
        "def f(x): return x",
        "x = [1, [2]]\nassert f(x) is x and f(x)[1] is x[1]",
        "x = {'k': []}\ny = f(x)\ny['k'].append(1)\nassert x == {'k': [1]}",
    ),
    honest(
        "gives-one-object-twice",
        "def f():\n    x = [0]\n    return x, x",
        "a, b = f()\nassert a is b and a == [0]",
    ),
    honest(
        "changes-a-list",
        "def f(x):\n    x.sort()\n    x.append(9)",
        "x = [3, 1]\nassert f(x) is None and x == [1, 3, 9]",
        "def check(g):\n    x = [2]\n    y = x\n    g(x)\n    assert y == [2, 9]\ncheck(f)",
    ),
    honest(
        "changes-a-dictionary-and-a-set",
        "def f(d, s):\n    d.pop('a')\n    d['b'] = s\n    s.clear()\n    s.add(1)",
        "d, s = {'a': 0}, {5}\nf(d, s)\nassert d == {'b': {1}} and s == {1} and d['b'] is s",
    ),
    honest(
        "changes-a-list-deep-inside",
        "def f(x): x['rows'][1][0].append('new')",
        "row = []\nx = {'rows': [[], [row]]}\nf(x)\nassert row == ['new']\n"
        "assert x == {'rows': [[], [['new']]]}",
    ),
    honest(
        "changes-bytes-in-place",
        "def f(x): x[0] = 65",
        "x = bytearray(b'bc')\nf(x)\nassert x == b'Ac'",
    ),
    honest(
        "changes-its-argument-before-it-raises",
        "def f(x):\n    x.append(1)\n    raise ValueError",
        "x = []\ntry:\n    f(x)\nexcept ValueError:\n    pass\nassert x == [1]",
    ),
    honest(
        "leaves-its-argument-alone",
        "def f(x): return sorted(x)",
        "x = [3, 1]\nassert f(x) == [1, 3] and x == [3, 1]",
    ),
    honest(
        "argument-twice-the-same",
        "def f(x, y):\n    x.append(1)\n    return x is y, y",
        "x = []\nassert f(x, x) == (True, [1])",
        "assert f([], []) == (False, [])",
    ),
    honest(
        "generator-lists",
        "def f(n):\n    for i in range(n): yield i * i",
        pairs=(("4", "[0, 1, 4, 9]"), ("0", "[]")),
        form="list({call}) == {value}",
    ),
    honest(
        "generator-without-end-taken-in-part",
        "import itertools\ndef f():\n    a, b = 0, 1\n    while True:\n        yield a\n"
        "        a, b = b, a + b",
        "assert next(f()) == 0",
        "import itertools\nassert list(itertools.islice(f(), 8)) == [0, 1, 1, 2, 3, 5, 8, 13]",
        "for n, x in enumerate(f()):\n    if n == 10:\n        break\nassert x == 55",
        "a, b = f(), f()\nassert [next(a), next(a), next(b), next(a)] == [0, 1, 0, 1]",
    ),
    honest(
        "counter-without-end",
        "import itertools\ndef f(n): return itertools.count(n)",
        "x = f(5)\nassert [next(x), next(x)] == [5, 6]",
    ),
    honest(
        "generator-that-raises",
        "def f():\n    yield 1\n    raise KeyError('k')",
        "x = f()\nassert next(x) == 1\ntry:\n    next(x)\nexcept KeyError as error:\n"
        "    assert error.args == ('k',)\nelse:\n    assert False",
    ),
    honest(
        "generator-that-is-used-up",
        "def f(): return (n for n in [1, 2])",
        "x = f()\nassert sum(x) == 3 and list(x) == [] and next(x, 'end') == 'end'",
    ),
    honest(
        "closure",
        "def f(n):\n    def inner(x): return x + n\n    return inner",
        "assert f(3)(4) == 7",
        "def check(g):\n    add = g(1)\n    assert [add(x) for x in (1, 2)] == [2, 3]\ncheck(f)",
        "assert list(map(f(1), [1, 2])) == [2, 3] and sorted([1, 3, 2], key=f(0)) == [1, 2, 3]",
    ),
    honest(
        "closures-with-state",
        "def f():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n"
        "        return n\n"
        "    return step",
        "a, b = f(), f()\nassert (a(), a(), b(), a()) == (1, 2, 1, 3)",
    ),
    honest(
        "takes-functions",
        "def f(g, items): return [g(item) for item in items]",
        "assert f(lambda x: x + 1, [1, 2]) == [2, 3]",
        "assert f(len, ['a', '']) == [1, 0] and f(str.upper, ['a']) == ['A']",
        "seen = []\nassert f(seen.append, [1, 2]) == [None, None] and seen == [1, 2]",
        "def check(candidate):\n    assert candidate(abs, [-1]) == [1]\ncheck(f)",
    ),
    honest(
        "takes-a-key",
        "def f(items, key=None, reverse=False): return sorted(items, key=key, reverse=reverse)",
        "assert f(['bb', 'a'], key=len) == ['a', 'bb']",
        "assert f([1, -2, 3], key=lambda x: x * x, reverse=True) == [3, -2, 1]",
    ),
    honest(
        "takes-a-function-that-raises",
        "def f(g):\n    try: return g()\n    except ZeroDivisionError: return 'caught'",
        "assert f(lambda: 1 / 0) == 'caught'",
        "try:\n    f(lambda: {}['k'])\nexcept KeyError:\n    pass\nelse:\n    assert False",
    ),
    honest(
        "decorates-functions",
        "def f(g):\n    def inner(*args, **more): return g(*args, **more) * 2\n    return inner",
        "@f\ndef add(a, b=1):\n    return a + b\nassert add(1) == 4 and add(1, b=2) == 6",
    ),
    honest(
        "takes-an-iterator",
        "def f(items): return sum(items)",
        "assert f(iter([1, 2])) == 3 and f(n for n in (1, 2)) == 3 and f(range(3)) == 3",
        "assert f(map(int, '12')) == 3 and f({1: 2}.values()) == 2",
    ),
    honest(
        "keyword-arguments",
        "def f(a, /, b=2, *rest, c=3, **more): return a, b, rest, c, more",
        "assert f(1) == (1, 2, (), 3, {})",
        "assert f(1, c=4, b=5, d=6) == (1, 5, (), 4, {'d': 6})",
        "assert f(*[1, 2, 3], **{'k': 0}) == (1, 2, (3,), 3, {'k': 0})",
    ),
    honest(
        "default-that-is-kept-between-calls",
        "def f(x, seen=[]):\n    seen.append(x)\n    return list(seen)",
        "assert f(1) == [1] and f(2) == [1, 2]",
    ),
    honest(
        "state-between-calls",
        "n = 0\ndef f():\n    global n\n    n += 1\n    return n",
        "assert [f(), f(), f()] == [1, 2, 3]",
    ),
    honest(
        "cache",
        "from functools import lru_cache\n@lru_cache(maxsize=None)\n"
        "def f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
        pairs=(("80", "23416728348467685"),),
    ),
    honest(
        "expected-exception",
        "def f(x):\n    if x < 0: raise ValueError('must not be negative')\n    return x",
        "try:\n    f(-1)\nexcept ValueError as error:\n"
        "    assert str(error) == 'must not be negative'\n"
        "else:\n    assert False",
        "def check(candidate):\n    try:\n        candidate(-1)\n        assert False\n"
        "    except ValueError:\n        pass\n    assert candidate(1) == 1\ncheck(f)",
    ),
    honest(
        "expected-exception-of-its-own",
        "class BadNumber(ValueError):\n"
        "    def __init__(self, n, why): super().__init__(f'{n}: {why}')\n"
        "def f(x): raise BadNumber(x, 'bad')",
        "try:\n    f(3)\nexcept ValueError as error:\n    assert str(error) == '3: bad'\n"
        "else:\n    assert False",
        "try:\n    f(3)\nexcept (KeyError, ValueError) as error:\n    assert '3' in str(error)",
    ),
    honest(
        "expected-exceptions-of-python",
        "def f(n): return [lambda: {}['k'], lambda: [][1], lambda: int('x'), lambda: 1 / 0,\n"
        "    lambda: None.x, lambda: b'\\xff'.decode(), lambda: open('none')][n]()",
        *(
            f"try:\n    f({n})\nexcept {name}:\n    pass\nelse:\n    assert False"
            for n, name in enumerate(
                [
                    "KeyError",
                    "IndexError",
                    "ValueError",
                    "ZeroDivisionError",
                    "AttributeError",
                    "UnicodeDecodeError",
                    "FileNotFoundError",
                ]
            )
        ),
    ),
    honest(
        "expected-assertion",
        "def f(x):\n    assert x > 0, 'positive'\n    return x",
        "try:\n    f(0)\nexcept AssertionError as error:\n    assert str(error) == 'positive'\n"
        "else:\n    raise ValueError",
    ),
    honest(
        "main-guard",
        "def f(): return 1\nif __name__ == '__main__':\n    exit(3)",
        pairs=(("", "1"),),
    ),
    honest(
        "prints-a-lot",
        "import sys\nprint('loading')\ndef f(x):\n    for n in range(5000): print('passed', n)\n"
        "    print('failed', file=sys.stderr)\n    return x",
        pairs=(("1", "1"),),
    ),
    honest(
        "prints-what-a-test-reads",
        "def f(x): print('hello', x, end='!')",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n"
        "    f('you')\nassert out.getvalue() == 'hello you!'",
    ),
    honest(
        "recursion-of-900-calls", "def f(n): return n and 1 + f(n - 1)", pairs=(("900", "900"),)
    ),
    honest(
        "recursion-limit-of-its-own",
        "import sys\nsys.setrecursionlimit(20_000)\ndef f(n): return n and 1 + f(n - 1)",
        pairs=(("5000", "5000"),),
    ),
    honest(
        "recursion-error-caught",
        "def f(n):\n    try: return f(n + 1)\n    except RecursionError: return 'deep'",
        pairs=(("0", "'deep'"),),
    ),
    honest(
        "input-that-is-never-read",
        "def ask(): return int(input('number: '))\ndef f(x): return x or ask()",
        pairs=(("1", "1"),),
    ),
    honest(
        "class-used-by-the-test",
        """
class Account:
    rate = 2
    def __init__(self, owner, balance=0):
        self.owner, self.balance, self.log = owner, balance, []
    def deposit(self, amount):
        self.balance += amount
        self.log.append(amount)
        return self
    @property
    def doubled(self): return self.balance * self.rate
    @classmethod
    def empty(cls): return cls('nobody')
    @staticmethod
    def fee(x): return x // 10
""",
        "a = Account('me', balance=5)\nassert a.owner == 'me' and a.balance == 5\na.deposit(3)\n"
        "assert a.balance == 8 and a.doubled == 16 and a.log == [3]",
        "assert Account('x').deposit(1).deposit(2).balance == 3",
        "assert Account.fee(25) == 2 and Account.empty().owner == 'nobody' and Account.rate == 2",
    ),
    honest(
        "objects-handed-back-in",
        "class Node:\n"
        "    def __init__(self, value, rest=None): self.value, self.rest = value, rest\n"
        "def f(node):\n    total = 0\n    while node: total, node = total + node.value, node.rest\n"
        "    return total",
        "assert f(Node(1, Node(2, Node(3)))) == 6 and f(None) == 0",
    ),
    honest(
        "callable-object-as-the-function",
        "class Adder:\n    def __init__(self, n): self.n = n\n"
        "    def __call__(self, x): return x + self.n\n"
        "f = Adder(3)",
        pairs=(("1", "4"),),
    ),
    honest("lambda-as-the-function", "f = lambda x: x + 1", pairs=(("1", "2"),)),
    honest("builtin-as-the-function", "f = len", pairs=(("'abc'", "3"),)),
    honest(
        "partial-as-the-function",
        "from functools import partial\nf = partial(pow, 2)",
        pairs=(("10", "1024"),),
    ),
    honest(
        "named-like-a-builtin",
        "def sum(values): return 'own'",
        "def check(candidate):\n    assert candidate([1]) == sum([2]) == 'own'\ncheck(sum)",
        entry_point="sum",
    ),
    honest(
        "helper-named-like-a-builtin",
        "def sum(values):\n    total = 1\n    for value in values: total *= value\n"
        "    return total\n"
        "def f(values): return sum(values)",
        pairs=(("[2, 3, 4]", "24"),),
    ),
    honest(
        "helper-named-like-a-tests-function",
        "def check(x): return x > 0\ndef f(x): return check(x)",
        "assert f(1) is True and f(-1) is False",
    ),
    honest(
        "builtins-rebound-for-itself",
        "import builtins\nbuiltins.len = builtins.print = None\ndef f(x): return x + 1",
        pairs=(("1", "2"),),
        form="{call} == {value} and len([1]) == 1",
    ),
    honest(
        "prelude-wins-over-the-program",
        "def twice(x): return None\ndef f(x): return x",
        prelude="def twice(x):\n    return x * 2",
        pairs=(("1", "2"),),
        form="twice({call}) == {value}",
    ),
    honest(
        "module-that-the-program-imported",
        "import math\ndef f(r): return math.pi * r",
        pairs=(("2", "2 * math.pi"),),
        form="math.isclose({call}, {value})",
    ),
    honest(
        "names-that-the-program-imported",
        "from math import floor, pi\nfrom collections import Counter\nimport itertools as it\n"
        "def f(x): return Counter(x)",
        "assert f('aa')['a'] == 2 and floor(pi) == 3 and list(it.chain([1], [2])) == [1, 2]",
        "assert f('aa') == Counter('aa')",
    ),
    honest(
        "constants-of-the-program",
        "LIMIT = 10\nNAMES = ['a', 'b']\nTABLE = {'a': 1}\ndef f(): return LIMIT",
        "assert f() == LIMIT == 10 and NAMES[1] == 'b' and TABLE['a'] == 1",
    ),
    honest("unicode-names", "def größe(π): return π * 2", pairs=(("2", "4"),), entry_point="größe"),
    honest("full-width-name", "def \uff46(x): return x", pairs=(("1", "1"),)),
    honest("long-name", f"{'x' * 20_000} = 1\ndef f(): return {'x' * 20_000}", pairs=(("", "1"),)),
    honest("line-ends-of-windows", "def f(x):\r\n    return x\r\n", pairs=(("1", "1"),)),
    honest("line-ends-of-old-macs", "def f(x):\r    return x\r", pairs=(("1", "1"),)),
    honest("form-feeds", "import math\n\x0cdef f(x):\n\x0c    return x\n", pairs=(("1", "1"),)),
    honest("no-line-end", "def f(x): return x  # the end", pairs=(("1", "1"),)),
    honest("tabs", "def f(x):\n\tif x:\n\t\treturn x\n", pairs=(("1", "1"),)),
    honest(
        "encoding-declared",
        "# -*- coding: latin-1 -*-\ndef f(): return 'é'",
        pairs=(("", "'\\xe9'"),),
    ),
    honest(
        "long-line",
        f"TABLE = [{'1, ' * 100_000}]\ndef f(): return len(TABLE)",
        pairs=(("", "100_000"),),
    ),
    honest(
        "long-program",
        "".join(f"def f{n}(x): return x + {n}\n" for n in range(2000)) + "f = f1999",
        pairs=(("1", "2000"),),
    ),
    honest(
        "future-annotations",
        "from __future__ import annotations\nfrom dataclasses import dataclass, field\n"
        "@dataclass(order=True)\nclass P:\n    x: int\n"
        "    rest: list[P] = field(default_factory=list)\n"
        "def f(x: Unknown) -> Missing: return max(P(x), P(0)).x",
        pairs=(("3", "3"),),
    ),
    honest(
        "type-hints",
        "from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union\n"
        "T = TypeVar('T')\ndef f(x: List[T], g: Optional[Callable[[T], Any]] = None) -> "
        "Dict[str, Union[T, Tuple[int, ...]]]: return {'x': x[0]}",
        pairs=(("[1]", "{'x': 1}"),),
    ),
    honest(
        "walrus",
        "def f(x): return [y for n in x if (y := n * 2) > 2]",
        pairs=(("[1, 2]", "[4]"),),
    ),
    honest(
        "match-statement",
        "def f(x):\n    match x:\n        case [a, *rest]: return rest\n"
        "        case {'k': v}: return v\n"
        "        case _: return None",
        pairs=(("[1, 2]", "[2]"), ("{'k': 3}", "3"), ("0", "None")),
        python=(3, 10),
    ),
    honest(
        "coroutine",
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return x + 1",
        "assert asyncio.run(f(1)) == 2",
    ),
    honest(
        "event-loop-inside",
        "import asyncio\nasync def part(n):\n    await asyncio.sleep(0.001)\n    return n\n"
        "async def all_(n): return sum(await asyncio.gather(*map(part, range(n))))\n"
        "def f(n): return asyncio.run(all_(n))",
        pairs=(("5", "10"),),
    ),
    honest(
        "threads-inside",
        "from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n"
        "    with ThreadPoolExecutor(4) as pool: return list(pool.map(abs, x))",
        pairs=(("[-1, 2]", "[1, 2]"),),
    ),
    honest(
        "thread-that-waits-for-ever",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "def f(x): return x",
        pairs=(("1", "1"),),
    ),
    honest(
        "temporary-files",
        "import os, tempfile\ndef f(text):\n    with tempfile.TemporaryDirectory() as folder:\n"
        "        path = os.path.join(folder, 'x')\n"
        "        with open(path, 'w') as file: file.write(text)\n"
        "        with open(path) as file: return file.read()",
        pairs=(("'abc'", "'abc'"),),
    ),
    honest(
        "files-of-its-own",
        "open('note', 'w').write('kept')\ndef f():\n"
        "    with open('note') as file: return file.read()",
        pairs=(("", "'kept'"),),
    ),
    honest(
        "random-numbers-with-a-seed",
        "import random\ndef f(n):\n    random.seed(n)\n"
        "    return random.random() == random.Random(n).random()",
        pairs=(("7", "True"),),
    ),
    honest(
        "looks-at-its-own-frame",
        "import inspect\ndef f(): return inspect.currentframe().f_code.co_name",
        pairs=(("", "'f'"),),
    ),
    honest(
        "code-made-by-exec",
        "names = {}\nexec('def g(x): return x + 1', names)\nf = names['g']",
        pairs=(("1", "2"),),
    ),
    honest(
        "dataclass-named-tuple-and-enumeration-inside",
        "import enum\nfrom dataclasses import dataclass, replace\nfrom typing import NamedTuple\n"
        "class Color(enum.Enum):\n    RED = 'r'\nclass Row(NamedTuple):\n    n: int\n"
        "@dataclass(frozen=True)\nclass P:\n    row: Row\n    color: Color = Color.RED\n"
        "def f(n):\n    p = replace(P(Row(0)), row=Row(n))\n    return p.row.n, p.color.value",
        pairs=(("4", "(4, 'r')"),),
    ),
    honest(
        "operators-of-its-own-class-inside",
        "class V:\n    def __init__(self, x): self.x = x\n"
        "    def __add__(self, o): return V(self.x + o.x)\n"
        "    def __eq__(self, o): return self.x == o.x\n"
        "    def __lt__(self, o): return self.x < o.x\n"
        "def f(x): return sorted([V(3), V(x)])[0].x, V(1) + V(1) == V(2)",
        pairs=(("2", "(2, True)"),),
    ),
    honest(
        "swallows-exceptions-of-its-own",
        "def f(x):\n    try: return [][x]\n    except BaseException: return 'caught'\n"
        "    finally: print('done')",
        pairs=(("1", "'caught'"),),
    ),
    honest(
        "ignores-signals",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\ndef f(x): return x",
        pairs=(("1", "1"),),
    ),
    honest(
        "registers-for-its-exit",
        "import atexit\natexit.register(print, 'bye')\ndef f(x): return x",
        pairs=(("1", "1"),),
    ),
    honest(
        "changes-a-module-for-itself",
        "import math, sys\nmath.tau = 6\nsys.modules['json'] = None\ndef f(x): return x * math.tau",
        pairs=(("1", "6"),),
        setup="import json, math\n",
        form="{call} == {value} and math.tau > 6 and json.loads('1') == 1",
    ),
    honest(
        "wide-calls",
        "def f(*args, **more): return len(args) + len(more)",
        "assert f(*range(3000), **{f'k{n}': n for n in range(300)}) == 3300",
    ),
    honest(
        "many-calls",
        "def f(x): return x + 1",
        "assert all(f(n) == n + 1 for n in range(3000))",
    ),
    honest(
        "large-argument",
        "def f(x): return len(x)",
        "assert f(list(range(200_000))) == 200_000 and f('x' * 10 ** 6) == 10 ** 6",
    ),
)

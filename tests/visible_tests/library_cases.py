"""Docstrings of our own in the style of other people's libraries, with a right program for each.

`examples` are the calls and values that must be read, and nothing else: what is not among them is a
trap. The values were taken from running the program, not from the reader.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    name: str
    prompt: str
    body: str
    """The rest of the program, after the prompt."""
    examples: tuple[tuple[str, str | None], ...]
    entry_point: str = "f"


CASES = (
    # Printed output
    Case(
        "indented print",
        '''def f(tree):
    """Draw a tree of names.

    >>> print(f({"a": {"b": {}}, "c": {}}))
    a
      b
    c
    """
''',
        """    def draw(node, depth):
        for name, inner in node.items():
            yield "  " * depth + name
            yield from draw(inner, depth + 1)
    return "\\n".join(draw(tree, 0))
""",
        (("str(f({'a': {'b': {}}, 'c': {}}))", "'a\\n  b\\nc'"),),
    ),
    Case(
        "first line indented more",
        '''def f(text, width):
    """Centre a text.

    Examples
    --------
    >>> print(f("ab", 6))
      ab
    """
''',
        "    return text.center(width).rstrip()\n",
        (("str(f('ab', 6))", "'  ab'"),),
    ),
    Case(
        "blank line in print",
        '''def f(parts):
    """Join paragraphs.

        >>> print(f(["a", "b"]))
        a
        <BLANKLINE>
        b

    and so on.
    """
''',
        '    return "\\n\\n".join(parts)\n',
        (("str(f(['a', 'b']))", "'a\\n\\nb'"),),
    ),
    Case(
        "several printed values",
        '''def f(n):
    """Divide by three.

    >>> print(f(7)[0], f(7)[1])
    2 1
    >>> print(*f(8), sep="/")
    2/2
    >>> print(f(9), end="")
    (3, 0)
    """
''',
        "    return divmod(n, 3)\n",
        (
            ("' '.join(map(str, [f(7)[0], f(7)[1]]))", "'2 1'"),
            ("'/'.join(map(str, [*f(8)]))", "'2/2'"),
        ),
    ),
    Case(
        "printed set",
        '''def f(words):
    """Return the first letters.

    >>> print(f(["ab", "cd"]))
    {'c', 'a'}
    >>> print(sorted(f(["xy", "z"])))
    ['x', 'z']
    >>> list(f(["b", "a"]))
    ['b', 'a']
    >>> print(set(f(["q"])) | {"r"})
    {'q', 'r'}
    """
''',
        "    return {word[0] for word in words}\n",
        (
            ("f(['ab', 'cd'])", "{'c', 'a'}"),
            ("str(sorted(f(['xy', 'z'])))", "\"['x', 'z']\""),
            ("set(f(['q'])) | {'r'}", "{'q', 'r'}"),
        ),
    ),
    Case(
        "order of a set",
        '''from typing import Set

def f(words: list[str]) -> Set[str]:
    """Return the distinct words.

    >>> list(f(["b", "a"]))
    ['b', 'a']
    >>> ",".join(f(["b", "a"]))
    'b,a'
    >>> [w.upper() for w in f(["b", "a"])]
    ['B', 'A']
    >>> print(*f(["b", "a"]))
    b a
    >>> sorted(f(["b", "a"]))
    ['a', 'b']
    >>> len(f(["b", "a"]))
    2
    """
''',
        "    return set(words)\n",
        (("sorted(f(['b', 'a']))", "['a', 'b']"), ("len(f(['b', 'a']))", "2")),
    ),
    Case(
        "text like a set",
        '''def f(items: list[int]) -> str:
    """Format a set.

    >>> print(f([1, 2]))
    {1, 2}
    >>> print(f([3]))
    {3}
    """
''',
        '    return "{" + ", ".join(map(str, items)) + "}"\n',
        (("str(f([3]))", "'{3}'"),),
    ),
    Case(
        "a function that prints",
        '''def f(n):
    """Print the numbers down from n.

    >>> f(3)
    3
    2
    1
    >>> f(1)
    1
    """
''',
        "    print(*range(n, 0, -1), sep='\\n')\n",
        (),
    ),
    Case(
        "a function annotated to return nothing",
        '''def f(n: int) -> None:
    """Show a number twice.

    >>> f(4)
    44
    """
''',
        "    print(f'{n}{n}')\n",
        (),
    ),
    Case(
        "json",
        '''import json

def f(record):
    """Turn a record into text.

    >>> import json
    >>> print(f({"a": [1]}))
    {
      "a": [
        1
      ]
    }
    >>> json.loads(f({"b": 2}))
    {'b': 2}
    """
''',
        "    return json.dumps(record, indent=2)\n",
        (
            ("str(f({'a': [1]}))", "'{\\n  \"a\": [\\n    1\\n  ]\\n}'"),
            ("json.loads(f({'b': 2}))", "{'b': 2}"),
        ),
    ),
    Case(
        "pretty print",
        '''def f(n):
    """Count.

    >>> from pprint import pprint
    >>> pprint(f(2))
    {0: 'a',
     1: 'b'}
    """
''',
        "    return dict(zip(range(n), 'abc'))\n",
        (("f(2)", "{0: 'a',\n1: 'b'}"),),
    ),
    # Directives
    Case(
        "directives",
        '''def f(n):
    """Square.

    >>> f(2)
    4
    >>> f(3)  # doctest: +SKIP
    10
    >>> f(4)  # doctest: +FLOAT_CMP
    16.0000001
    >>> f(5)   #doctest:+ELLIPSIS
    25
    >>> f(10**6)  # doctest: +ELLIPSIS
    1000...
    >>> f(6) == 37  # doctest: +SKIP
    >>> f(7)  # doctest: +NORMALIZE_WHITESPACE, +REMOTE_DATA
    50
    """
''',
        "    return n * n\n",
        (("f(2)", "4"), ("f(5)", "25")),
    ),
    Case(
        "white space",
        '''def f(n):
    """Write a table.

    >>> print(f(2))  # doctest: +NORMALIZE_WHITESPACE
    0  1
    2  3
    >>> f(1)  # doctest: +NORMALIZE_WHITESPACE
    '0   1'
    """
''',
        "    return '\\n'.join(f'{2 * i} {2 * i + 1}' for i in range(n))\n",
        (("' '.join(str(f(2)).split())", "'0 1 2 3'"),),
    ),
    Case(
        "remarks that take an output back",
        '''def f(items):
    """Draw one of the items.

    >>> f([1, 2, 3])
    2  # may vary
    >>> f([4, 5])  # random
    4
    >>> f([7])
    7  # the only one
    >>> f([8, 9])
    9
    # or 8
    """
''',
        "    return items[-1]\n",
        (("f([7])", "7"),),
    ),
    Case(
        "skipped statements",
        '''def f(items):
    """Add a zero in place.

    >>> a = [1]
    >>> f(a)  # doctest: +SKIP
    >>> f(a)
    >>> a
    [1, 0]
    """
''',
        "    items.append(0)\n",
        (("a", "[1, 0]"),),
    ),
    # Numbers
    Case(
        "thousands",
        '''def f(n):
    """Multiply by a thousand.

    >>> f(1)
    1,000
    >>> f(2)
    2000

    f(3) == 3,000
    f(1,000) == 1000000
    f(4) returns 4.000.
    f(5): 5,000
    f(1,250) -> 1250000
    f(6) -> 6 000
    f(7) -> 7000
    """
''',
        "    return n * 1000\n",
        (("f(2)", "2000"), ("f(7)", "7000")),
    ),
    Case(
        "numbers with signs",
        '''def f(a, b):
    """Return a share in percent.

    f(1, 2) = 50%
    f(1, 4) = 25 %
    f(3, 4) is 75 percent
    f(1, 5) = 20.0
    f(007, 14) = 50.0
    f(2, 5) = 10^2
    f(1, 10) -> 10,0
    f(3, 10) ≈ 30
    f(1, 3) = 33.3 (rounded)
    f(2, 3) = 66.7  # approx.
    f(1, 8) = 12.5 (one eighth)
    """
''',
        "    return 100 * a / b\n",
        (("f(1, 5)", "20.0"), ("f(1, 8)", "12.5")),
    ),
    Case(
        "factorial",
        '''def f(n):
    """Return the factorial: f(5) = 5! = 120, and f(4) = 4!

    >>> f(3)
    6
    """
''',
        "    return 1 if n < 2 else n * f(n - 1)\n",
        (("f(3)", "6"),),
    ),
    Case(
        "lists without spaces",
        '''def f(numbers):
    """Sum up.

    f([100,200]) == 300
    f([1,250, 3,400]) == 4650
    f([1, 2]) == 3
    """
''',
        "    return sum(numbers)\n",
        (("f([100,200])", "300"), ("f([1, 2])", "3")),
    ),
    # Values of the standard library
    Case(
        "counter",
        '''from collections import Counter

def f(text):
    """Count letters.

    >>> f("aab")
    Counter({'a': 2, 'b': 1})
    >>> f("")
    Counter()
    """
''',
        "    return Counter(text)\n",
        (("f('aab')", "Counter({'a': 2, 'b': 1})"), ("f('')", "Counter()")),
    ),
    Case(
        "values that the prompt does not import",
        '''def f(text):
    """Parse.

    >>> f("aab")
    Counter({'a': 2, 'b': 1})
    >>> f("1/2")
    Fraction(1, 2)
    >>> f("0.5")
    Decimal('0.5')
    >>> f("2024-02-01")
    datetime.date(2024, 2, 1)
    >>> f("1,2")
    deque([1, 2], maxlen=5)
    """
''',
        """    import collections, datetime, decimal, fractions
    if text == "aab":
        return collections.Counter(text)
    if "/" in text:
        return fractions.Fraction(text)
    if "." in text:
        return decimal.Decimal(text)
    if "-" in text:
        return datetime.date.fromisoformat(text)
    return collections.deque(map(int, text.split(",")), maxlen=5)
""",
        (
            ("f('aab')", "Counter({'a': 2, 'b': 1})"),
            ("f('1/2')", "Fraction(1, 2)"),
            ("f('0.5')", "Decimal('0.5')"),
            ("f('2024-02-01')", "datetime.date(2024, 2, 1)"),
            ("f('1,2')", "deque([1, 2], maxlen=5)"),
        ),
    ),
    Case(
        "a class that hides its module",
        '''from datetime import datetime

def f(text: str):
    """Return the day after.

    >>> f("2024-02-28")
    datetime.datetime(2024, 2, 29, 0, 0)
    >>> f("2024-02-27").date()
    datetime.date(2024, 2, 28)
    """
''',
        """    from datetime import timedelta
    return datetime.fromisoformat(text) + timedelta(days=1)
""",
        (
            ("f('2024-02-28')", "datetime(2024, 2, 29, 0, 0)"),
            ("f('2024-02-27').date()", "date(2024, 2, 28)"),
        ),
    ),
    Case(
        "a default dictionary",
        '''from collections import defaultdict

def f(words):
    """Group by length.

    >>> f(["a", "bc", "d"])
    defaultdict(<class 'list'>, {1: ['a', 'd'], 2: ['bc']})
    >>> f([])
    defaultdict(<function <lambda> at 0x7f>, {})
    """
''',
        """    groups = defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    return groups
""",
        (("f(['a', 'bc', 'd'])", "defaultdict(list, {1: ['a', 'd'], 2: ['bc']})"),),
    ),
    Case(
        "dates as arguments",
        '''import datetime as dt

def f(day: dt.date, days: int) -> dt.date:
    """Add days.

    >>> f(dt.date(2024, 1, 31), 1)
    datetime.date(2024, 2, 1)

    f(date(2024, 1, 1), 1) == date(2024, 1, 2)
    """
''',
        "    return day + dt.timedelta(days=days)\n",
        (
            ("f(dt.date(2024, 1, 31), 1)", "datetime.date(2024, 2, 1)"),
            ("f(date(2024, 1, 1), 1)", "date(2024, 1, 2)"),
        ),
    ),
    Case(
        "infinity",
        '''import math

def f(x):
    """Invert.

    >>> f(0)
    inf
    >>> f(0) == math.inf
    True
    >>> f(2)
    0.5
    >>> f(float("nan"))
    nan
    """
''',
        "    return math.inf if x == 0 else 1 / x\n",
        (("f(0)", "float('inf')"), ("f(2)", "0.5")),
    ),
    Case(
        "arrays of a package",
        '''def f(n):
    """Make zeros.

    >>> f(2)
    array([0., 0.])
    >>> f(0)
    <Zeros at 0x7f>
    >>> f(1).tolist()
    [0.0]
    """
''',
        """    import array
    return array.array("d", [0.0] * n)
""",
        (("f(1).tolist()", "[0.0]"),),
    ),
    # Sessions of installed packages
    Case(
        "the function is imported",
        '''def f(text):
    """Slugify.

    >>> from mypackage.text import f
    >>> f("A b")
    'a-b'
    >>> import mypackage
    >>> mypackage.f("C")
    'c'
    >>> from mypackage import f as slug
    >>> slug("D")
    'd'
    >>> import numpy as np
    >>> f(np.str_("E"))
    'e'
    """
''',
        '    return text.lower().replace(" ", "-")\n',
        (("f('A b')", "'a-b'"), ("f('C')", "'c'"), ("f('D')", "'d'")),
    ),
    Case(
        "state that the program does not see",
        '''import random

def f(items):
    """Shuffle.

    >>> f([1])
    [1]
    >>> random.seed(1)
    >>> f([1, 2, 3])
    [2, 3, 1]
    """
''',
        "    return random.sample(items, len(items))\n",
        (("f([1])", "[1]"),),
    ),
    Case(
        "unknown parts of a session",
        '''def f(items):
    """Sum up.

    >>> data = load("numbers.txt")
    >>> f(data)
    10
    >>> data = [1, 2]
    >>> f(data)
    3
    >>> data.append(unknown)
    >>> f(data)
    7
    """
''',
        "    return sum(items)\n",
        (("f(data)", "3"),),
    ),
    Case(
        "exceptions",
        '''def f(text):
    """Parse a number.

    >>> f("x")
    Traceback (most recent call last):
        ...
    ValueError: not a number:
    Expected: digits
    >>> n = f("y")
    Traceback (most recent call last):
      File "<stdin>", line 1, in <module>
    ValueError: not a number
    >>> f("3")
    3
    """
''',
        """    if not text.isdigit():
        raise ValueError("not a number")
    return int(text)
""",
        (("f('x')", None), ("f('3')", "3")),
    ),
    Case(
        "ipython",
        '''def f(n):
    """Double.

    In [1]: f(2)
    Out[1]: 4

    In [2]: print(f(3))
    6
    """
''',
        "    return 2 * n\n",
        (("f(2)", "4"), ("str(f(3))", "'6'")),
    ),
    # Bare lists
    Case(
        "arrows under a heading",
        '''def f(text: str) -> str:
    """Reverse a text.

    Examples:
        "abc" -> "cba"
        ""    -> ""
        - 'x y' => 'y x'
    """
''',
        "    return text[::-1]\n",
        (('f("abc")', '"cba"'), ('f("")', '""'), ("f('x y')", "'y x'")),
    ),
    Case(
        "arrows as a paragraph",
        '''def f(n):
    """Square.

    2 → 4
    3 → 9
    4 --> 16
    """
''',
        "    return n * n\n",
        (("f(2)", "4"), ("f(3)", "9"), ("f(4)", "16")),
    ),
    Case(
        "arrows that are rules or steps",
        '''def f(text):
    """Encode letters, as follows:

        "a" -> "1"
        "b" -> "2"

    Steps for ten:

    10 -> 5
    5 -> 16

    16 -> 8 -> 4
    """
''',
        '    return text.replace("a", "1").replace("b", "2")\n',
        (),
    ),
    Case(
        "arrows for two parameters",
        '''def f(a, b):
    """Add.

    Examples:
        1, 2 -> 3
        (3, 4) -> 7
        a = 5, b = 6 -> 11
    """
''',
        "    return a + b\n",
        (("f(1, 2)", "3"), ("f(5, 6)", "11")),
    ),
    Case(
        "arrows in a sentence",
        '''def f(text):
    """Reverse a text (e.g. "ab" -> "ba"). For example: "xyz" becomes "zyx".

    The empty text stays as it is, "" -> "".
    """
''',
        "    return text[::-1]\n",
        (('f("ab")', '"ba"'), ('f("xyz")', '"zyx"')),
    ),
    Case(
        "e.g. in brackets",
        '''def f(text: str) -> int:
    """Return the length (e.g. f("ab") is 2), with spaces (e.g. "a b" gives 3).

    Long ones count, too (e.g., f("abcd") returns 4). Not all (e.g. 5 for most names).
    """
''',
        "    return len(text)\n",
        (('f("ab")', "2"), ('f("a b")', "3"), ('f("abcd")', "4")),
    ),
    # Given
    Case(
        "given",
        '''def f(n, k=1):
    """Multiply.

    Given n = 3, k = 2, return 6.
    Given n = 4 and k = 2, the result is 8.
    Given n = 5 and k = 1 you should return 5.
    Given n=6, k=2: we get 12.
    Given n = 7, k = 2 -> 14
    Given n = 8 and k = 2, return 16 or 17.
    Given n = 9, return 9.
    """
''',
        "    return n * k\n",
        (
            ("f(3, 2)", "6"),
            ("f(4, 2)", "8"),
            ("f(5, 1)", "5"),
            ("f(6, 2)", "12"),
            ("f(7, 2)", "14"),
        ),
    ),
    # Comments
    Case(
        "comments above",
        '''import math

# f(3) == 4
# f(0) returns 1
#
# >>> f(5)
# 6
# f(x) == x + 1
def f(x):
    """Add one."""
''',
        "    return x + 1\n",
        (("f(3)", "4"), ("f(0)", "1"), ("f(5)", "6")),
    ),
    Case(
        "comments without a docstring",
        """def other(x):
    # f(9) == 1
    return x

# Input: x = 3
# Output: 4

def f(x):
    # f(5) => 6
    # f(6) => 8, which is wrong
""",
        "    return x + 1\n",
        (("f(3)", "4"), ("f(5)", "6")),
    ),
    # Markup
    Case(
        "double back-ticks",
        '''def f(n):
    """Square a number: ``f(4)`` returns ``16``, and ``f(5)`` gives ``25``.

    ``f(-1)`` is ``1``. See also :func:`f` and ``f(n)``.
    """
''',
        "    return n * n\n",
        (("f(4)", "16"), ("f(5)", "25"), ("f(-1)", "1")),
    ),
    Case(
        "markdown table",
        '''def f(text, n):
    """Repeat.

    | text   | n | Result   | Note     |
    |--------|--:|----------|----------|
    | `"ab"` | 2 | `"abab"` |          |
    | "x|y"  | 1 | "x|y"    | a bar    |
    | ab     | 2 | abab     |          |
    | "c"    | 3 | "ccc"    | may vary |
    """
''',
        "    return text * n\n",
        (('f("ab", 2)', '"abab"'), ('f("x|y", 1)', '"x|y"')),
    ),
    Case(
        "tables of input and output",
        '''def f(n):
    """Square.

    Input | Output
    ----- | ------
    2     | 4
    3     | 9

    +-------+------+
    | n     | f(n) |
    +=======+======+
    | 4     | 16   |
    +-------+------+
    | 1,000 | 1    |
    +-------+------+

    ====  ========
    n     Returns
    ====  ========
    5     25
    6     36 or so
    ====  ========

    | call | value |
    |------|-------|
    | f(7) | 49    |
    """
''',
        "    return n * n\n",
        (("f(2)", "4"), ("f(3)", "9"), ("f(4)", "16"), ("f(5)", "25"), ("f(7)", "49")),
    ),
    Case(
        "tables of something else",
        '''def f(code):
    """Describe a code.

    | code | meaning |
    |------|---------|
    | 1    | 2       |

    | size | result |
    |------|--------|
    | 1    | 2      |
    """
''',
        "    return code\n",
        (),
    ),
    # Classes
    Case(
        "a class of a session",
        '''class Stack:
    """A stack.

    >>> s = Stack()
    >>> s.push(1)
    >>> s.push(2)
    >>> s.pop()
    2
    >>> len(s)
    1
    >>> s.pop(); s.pop()
    Traceback (most recent call last):
        ...
    IndexError: pop from empty stack
    """

    def push(self, item):
        """Add an item.

        >>> s = Stack()
        >>> s.push(3); s.push(4)
        >>> s.items
        [3, 4]
        """
''',
        """        self.items.append(item)

    def __init__(self):
        self.items = []

    def pop(self):
        return self.items.pop()

    def __len__(self):
        return len(self.items)
""",
        (("s.pop()", "2"), ("len(s)", "1"), ("s.pop()", None), ("s.items", "[3, 4]")),
        "Stack",
    ),
    Case(
        "a class with calls in one line",
        '''class Interval:
    """A closed interval.

    Interval(1, 3).length() == 2
    Interval(1, 3).contains(2) -> True
    Interval(1, 3).low = 1
    assert Interval(2, 5).length() == 3

    >>> Interval(1, 2)
    Interval(1, 2)
    >>> Interval(1, 3).shifted(2)
    Interval(3, 5)
    >>> print(Interval(1, 2))
    [1, 2]
    """

    def __init__(self, low, high): ...
    def __repr__(self): ...
''',
        """    def __init__(self, low, high):
        self.low, self.high = low, high

    def __repr__(self):
        return f"Interval({self.low}, {self.high})"

    def __str__(self):
        return f"[{self.low}, {self.high}]"

    def length(self):
        return self.high - self.low

    def contains(self, x):
        return self.low <= x <= self.high

    def shifted(self, by):
        return Interval(self.low + by, self.high + by)
""",
        (
            ("Interval(1, 3).length()", "2"),
            ("Interval(1, 3).contains(2)", "True"),
            ("Interval(1, 3).low", "1"),
            ("Interval(2, 5).length()", "3"),
            ("repr(Interval(1, 2))", "'Interval(1, 2)'"),
            ("repr(Interval(1, 3).shifted(2))", "'Interval(3, 5)'"),
            ("str(Interval(1, 2))", "'[1, 2]'"),
        ),
        "Interval",
    ),
    Case(
        "instances of a data class",
        '''from dataclasses import dataclass

@dataclass
class Point:
    x: int
    y: int

def f(point: Point, by: int) -> Point:
    """Scale a point.

    >>> f(Point(1, 2), 3)
    Point(x=3, y=6)
    >>> f(Point(1, 2), 0).x
    0

    f(Point(0, 1), 2) == Point(0, 2)
    f(point=Point(0, 1), by=3) returns Point(x=0, y=3).
    """
''',
        "    return Point(point.x * by, point.y * by)\n",
        (
            ("f(Point(1, 2), 3)", "Point(x=3, y=6)"),
            ("f(Point(1, 2), 0).x", "0"),
            ("f(Point(0, 1), 2)", "Point(0, 2)"),
            ("f(point=Point(0, 1), by=3)", "Point(x=0, y=3)"),
        ),
    ),
    Case(
        "instances without equality",
        '''class Box:
    def __init__(self, width):
        self.width = width

def f(box):
    """Return a box that is twice as wide.

    >>> f(Box(2)).width
    4
    >>> f(Box(2))
    Box(4)
    >>> f(Box(1))
    <Box object at 0x7f3>

    f(Box(3)) == Box(6)
    f(Box(3)).width == 6
    """
''',
        "    return Box(2 * box.width)\n",
        (("f(Box(2)).width", "4"),),
    ),
    Case(
        "members and named tuples",
        '''import enum
from collections import namedtuple

class Colour(enum.Enum):
    RED = 1
    BLUE = 2

Pair = namedtuple("Pair", "left right")

def f(colour):
    """Return the other colour, with this one.

    >>> f(Colour.RED)
    Pair(left=<Colour.BLUE: 2>, right=<Colour.RED: 1>)
    >>> f(Colour.BLUE).left
    <Colour.RED: 1>

    f(Colour.BLUE) == Pair(Colour.RED, Colour.BLUE)
    """
''',
        """    other = Colour.BLUE if colour is Colour.RED else Colour.RED
    return Pair(other, colour)
""",
        (
            ("f(Colour.RED)", "Pair(left=Colour.BLUE, right=Colour.RED)"),
            ("f(Colour.BLUE).left", "Colour.RED"),
            ("f(Colour.BLUE)", "Pair(Colour.RED, Colour.BLUE)"),
        ),
    ),
    Case(
        "a class that a helper shares its name with",
        '''class Counter:
    """Counts.

    >>> c = Counter()
    >>> c.add("a").add("a").total()
    2
    >>> Counter({'a': 2})
    Counter({'a': 2})
    """
''',
        """    def __init__(self, counts=None):
        self.counts = dict(counts or {})

    def __repr__(self):
        return f"Counter({self.counts})"

    def add(self, key):
        self.counts[key] = self.counts.get(key, 0) + 1
        return self

    def total(self):
        return sum(self.counts.values())
""",
        (
            ("c.add('a').add('a').total()", "2"),
            ("repr(Counter({'a': 2}))", "\"Counter({'a': 2})\""),
        ),
        "Counter",
    ),
    Case(
        "a cache",
        '''class LRU:
    """A cache with a maximum size.

    Example:
        >>> cache = LRU(2)
        >>> cache["a"] = 1
        >>> cache["b"] = 2
        >>> cache["a"]
        1
        >>> cache["c"] = 3
        >>> "b" in cache
        False
        >>> cache["b"]
        Traceback (most recent call last):
            ...
        KeyError: 'b'
        >>> cache
        LRU({'a': 1, 'c': 3})
        >>> cache.get("zz") is None
        True
    """
''',
        """
    def __init__(self, size):
        self.size, self.items = size, {}

    def __getitem__(self, key):
        self.items[key] = self.items.pop(key)
        return self.items[key]

    def __setitem__(self, key, value):
        self.items.pop(key, None)
        self.items[key] = value
        if len(self.items) > self.size:
            del self.items[next(iter(self.items))]

    def __contains__(self, key):
        return key in self.items

    def get(self, key):
        return self.items.get(key)

    def __repr__(self):
        return f"LRU({self.items})"
""",
        (
            ("cache['a']", "1"),
            ("'b' in cache", "False"),
            ("cache['b']", None),
            ("repr(cache)", "\"LRU({'a': 1, 'c': 3})\""),
            ("cache.get('zz') is None", "True"),
        ),
        "LRU",
    ),
    Case(
        "an immutable data class",
        '''from dataclasses import dataclass

@dataclass(frozen=True)
class Money:
    """An amount of money.

    >>> Money(5, "EUR").plus(6)
    Money(amount=11, currency='EUR')
    >>> Money(5, "EUR") == Money(5, "EUR")
    True
    >>> {Money(1, "X"): 2}
    {Money(amount=1, currency='X'): 2}
    >>> Money(-1, "X").plus("y")
    Traceback (most recent call last):
    TypeError: unsupported operand type(s) for +: 'int' and 'str'

    ``Money(2, "A").amount`` is ``2``, and Money(2, "A") + 1 is not defined.
    """

    amount: int
    currency: str
''',
        """
    def plus(self, more):
        return Money(self.amount + more, self.currency)
""",
        (
            ("Money(5, 'EUR').plus(6)", "Money(amount=11, currency='EUR')"),
            ("Money(5, 'EUR')", "Money(5, 'EUR')"),
            ("{Money(1, 'X'): 2}", "{Money(amount=1, currency='X'): 2}"),
            ("Money(-1, 'X').plus('y')", None),
            ('Money(2, "A").amount', "2"),
        ),
        "Money",
    ),
    Case(
        "arguments of a class of the prompt",
        '''class Node:
    """A node of a list.

    >>> f(Node(5))
    [5]
    >>> Node(1).value
    1
    """

    def __init__(self, value, next=None):
        self.value = value
        self.next = next

def f(node):
    """Turn a linked list into a list.

    >>> head = Node(3)
    >>> head.next = Node(4)
    >>> f(head)
    [3, 4]

    f(Node(1, Node(2))) == [1, 2]
    f(None) -> []
    """
''',
        """    found = []
    while node:
        found.append(node.value)
        node = node.next
    return found
""",
        (
            ("f(Node(5))", "[5]"),
            ("f(head)", "[3, 4]"),
            ("f(Node(1, Node(2)))", "[1, 2]"),
            ("f(None)", "[]"),
        ),
    ),
    Case(
        "directives of Sphinx",
        '''def f(n):
    """Add one.

    .. doctest-skip::

        >>> f(3)
        5

    .. doctest::
       :options: +SKIP

       >>> f(5)
       7

    >>> f(7)
    8

    .. code-block:: python

       f(6)  # 7
       f(8)  # doctest: +SKIP
       assert f(9) == 10
       f(10) == 12  # doctest: +SKIP
    """
''',
        "    return n + 1\n",
        (("f(7)", "8"), ("f(6)", "7"), ("f(9)", "10")),
    ),
    Case(
        "several examples in a sentence",
        '''def f(n):
    """Square (e.g. 3 → 9, 4 → 16). For example, 5 gives 25 and 6 gives 36.

    For instance 7 -> 8 -> 9, or e.g. 2 + 2 -> 4. Not e.g. 10 -> 100 in general.
    """
''',
        "    return n * n\n",
        (("f(3)", "9"), ("f(4)", "16"), ("f(5)", "25"), ("f(6)", "36")),
    ),
    Case(
        "given, with other verbs",
        '''def f(n):
    """Square.

    Given `n = 3`, return `9`.
    Given n = 4, 16 is returned.
    Given n = 5, f(n) is 25.
    Given n = 6, f returns 36. Given n = 7 the function returns 49.
    Given n = 8, returns 64 on most machines.
    Given n = 9, the function does not return 80.
    Given m = 2 numbers and n = 3, return 9.
    """
''',
        "    return n * n\n",
        (("f(3)", "9"), ("f(4)", "16"), ("f(5)", "25"), ("f(6)", "36"), ("f(7)", "49")),
    ),
    Case(
        "roles",
        '''def f(n):
    """Double: :code:`f(2)` is :code:`4`; :py:func:`f` takes :samp:`n`.

    [e.g. f(3) = 6]
    """
''',
        "    return 2 * n\n",
        (("f(2)", "4"), ("f(3)", "6")),
    ),
    Case(
        "comments further up",
        '''# f(3) == 4
# 5 -> 6

import math

# f(4) returns 5

def f(x):
    """Add one."""
''',
        "    return x + 1\n",
        (("f(3)", "4"), ("f(4)", "5")),
    ),
    Case(
        "graphs",
        '''def f(edges):
    """Count edges. An example graph:

        1 -> 2
        2 -> 3

    Edges:

        4 -> 5

    Each rule is like "a" -> "b".
    """
''',
        "    return len(edges)\n",
        (),
    ),
    Case(
        "a session that begins on the first line",
        '''def f(n):
    """>>> print(f(2))
    x
     x
    """
''',
        "    return '\\n'.join(' ' * i + 'x' for i in range(n))\n",
        (("str(f(2))", "'x\\n x'"),),
    ),
    Case(
        "lines below a value",
        '''def f(n):
    """Count.

    >>> f(3)
    3
    items left
    >>> f(4)
    4
    <BLANKLINE>
    5
    >>> f(5)
    5
    That is the number itself.
    >>> f(6)
    6 # six
    """
''',
        "    return n\n",
        (("f(5)", "5"), ("f(6)", "6")),
    ),
    Case(
        "names of a standard value in the prompt",
        '''from datetime import date, timedelta
from decimal import Decimal as D

def f(x, days=1):
    """Add.

    >>> f(date(2024, 1, 31))
    datetime.date(2024, 2, 1)
    >>> f(D("1.5"))
    Decimal('2.5')
    >>> f(date(2024, 1, 1), days=2) - date(2024, 1, 1)
    datetime.timedelta(days=2)
    """
''',
        "    return x + (timedelta(days=days) if isinstance(x, date) else days)\n",
        (
            ("f(date(2024, 1, 31))", "datetime.date(2024, 2, 1)"),
            ("f(D('1.5'))", "Decimal('2.5')"),
            ("f(date(2024, 1, 1), days=2) - date(2024, 1, 1)", "datetime.timedelta(days=2)"),
        ),
    ),
    Case(
        "values of other types than the header's",
        '''from typing import List

def f(scores: List[int]) -> str:
    """Grade.

    90 -> "A"
    80 -> "B"

    Examples:
        [90, 70] -> "B"
        [90] -> 5

    | scores | result |
    |--------|--------|
    | 60     | "D"    |
    | [60]   | "D"    |

    (e.g. 10 gives "F", and e.g. [5] gives 5)
    """
''',
        """    mean = sum(scores) / len(scores)
    return "A" if mean >= 90 else "B" if mean >= 80 else "D"
""",
        (("f([90, 70])", '"B"'), ("f([60])", '"D"')),
    ),
    Case(
        "former results",
        '''# FIXME: f(1) returns 2.
def f(n):
    """Return the number.

    It used to be that f(2) == 3.
    .. versionchanged:: 2.0  f(3) is 4.

    f(4) == 4
    """
    # BUG f(5) == 6
''',
        "    return n\n",
        (("f(4)", "4"),),
    ),
    Case(
        "outside the sandbox",
        '''def f(x):
    """Return it.

    >>> import datetime, tempfile
    >>> f(datetime.date.today())
    datetime.date(2024, 1, 1)
    >>> f(open("x").read())
    'x'
    >>> f(hash("a"))
    12
    >>> with tempfile.TemporaryFile() as file:
    ...     y = file.read()
    >>> f(y)
    'y'
    >>> f("z")
    'z'
    """
''',
        "    return x\n",
        (("f('z')", "'z'"),),
    ),
    Case(
        "a table of constants",
        '''def f(level):
    """Return the number of a level, plus one.

    | level | value |
    |-------|-------|
    | 1     | 10    |
    """
''',
        "    return 10 * level + 1\n",
        (),
    ),
    Case(
        "asserts on one object",
        '''class Stack:
    """A stack.

    s = Stack([1])
    assert s.pop() == 1
    assert s.empty()

    t = Stack([1])
    t.pop()
    assert t.empty()
    """
''',
        """
    def __init__(self, items):
        self.items = items

    def pop(self):
        return self.items.pop()

    def empty(self):
        return not self.items
""",
        (("s.pop() == 1", "True"), ("bool(s.empty())", "True")),
        "Stack",
    ),
)

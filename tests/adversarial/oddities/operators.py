"""Operators and conversions of the program's own classes."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "operators of the program's classes",
        odd(
            "arithmetic",
            """
class Money:
    '''An amount: sums, differences, multiples on both sides, negation.'''
    ##
    def __init__(self, cents):
        self.cents = cents
    def __add__(self, other):
        return Money(self.cents + other.cents)
    def __radd__(self, other):
        return self if other == 0 else NotImplemented
    def __sub__(self, other):
        return Money(self.cents - other.cents)
    def __mul__(self, factor):
        return Money(self.cents * factor)
    __rmul__ = __mul__
    def __neg__(self):
        return Money(-self.cents)
    def __abs__(self):
        return Money(abs(self.cents))
    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents
""",
            """
a, b = candidate(150), candidate(200)
assert a + b == candidate(350)
assert (a - b).cents == -50 and 3 * a == a * 3 == candidate(450)
assert -a == candidate(-150) and abs(a - b) == candidate(50)
assert sum([a, b, b]) == candidate(550)
try:
    1 + a
except TypeError:
    pass
else:
    assert False
""",
            ("Money(self.cents - other.cents)", "Money(other.cents - self.cents)"),
            ("return self if other == 0 else NotImplemented", "return self"),
        ),
        odd(
            "addition-in-place",
            """
class Basket:
    '''A basket: += changes it, + makes a new one.'''
    ##
    def __init__(self, items=()):
        self.items = list(items)
    def __add__(self, other):
        return Basket(self.items + list(other))
    def __iadd__(self, other):
        self.items.extend(other)
        return self
""",
            """
a = b = candidate('x')
a += 'yz'
assert a is b and b.items == ['x', 'y', 'z']
c = a + 'w'
assert c is not a and a.items == ['x', 'y', 'z'] and c.items[-1] == 'w'
""",
            (
                "self.items.extend(other)\n        return self",
                "return Basket(self.items + list(other))",
            ),
            (
                "return Basket(self.items + list(other))",
                "self.items.extend(other)\n        return self",
            ),
        ),
        odd(
            "matrix-product",
            """
class Grid:
    '''A 2 x 2 matrix with @, ** and indexing by row and column.'''
    ##
    def __init__(self, *cells):
        self.cells = cells
    def __getitem__(self, at):
        row, column = at
        return self.cells[2 * row + column]
    def __matmul__(self, other):
        return Grid(*(
            sum(self[i, k] * other[k, j] for k in (0, 1)) for i in (0, 1) for j in (0, 1)
        ))
    def __pow__(self, n):
        found = Grid(1, 0, 0, 1)
        for _ in range(n):
            found = found @ self
        return found
""",
            """
g = candidate(1, 1, 1, 0)
assert (g @ g).cells == (2, 1, 1, 1)
assert (g ** 10)[0, 1] == 55 and (g ** 0).cells == (1, 0, 0, 1)
""",
            ("self[i, k] * other[k, j]", "self[i, k] * other[j, k] + (k - 1) * 0 + k"),
        ),
        odd(
            "ordering",
            """
from functools import total_ordering
@total_ordering
class Grade:
    '''A grade: A is better than B.'''
    ##
    def __init__(self, letter):
        self.letter = letter
    def __eq__(self, other):
        return self.letter == other.letter
    def __lt__(self, other):
        return self.letter > other.letter
""",
            """
a, b, c = map(candidate, 'ABC')
assert a > b >= c and c <= b < a and a != b
assert sorted([a, c, b])[0] is c and max([c, a, b]) is a and min(a, b) is b
""",
            ("self.letter > other.letter", "self.letter < other.letter"),
        ),
        odd(
            "ordering-by-distance",
            """
class Near:
    '''A number that is smaller the nearer it is to ten.'''
    ##
    def __init__(self, n):
        self.n = n
    def __lt__(self, other):
        return abs(self.n - 10) < abs(other.n - 10)
""",
            """
import heapq
heap = [candidate(n) for n in (1, 25, 11, 8)]
heapq.heapify(heap)
assert [heapq.heappop(heap).n for _ in range(4)] == [11, 8, 1, 25]
assert candidate(9) > candidate(10)
""",
            ("abs(self.n - 10) < abs(other.n - 10)", "False"),
        ),
        odd(
            "conversions",
            """
class Measure:
    '''A measure that can become a number.'''
    ##
    def __init__(self, value):
        self.value = value
    def __int__(self):
        return int(self.value)
    def __float__(self):
        return float(self.value)
    def __round__(self, digits=0):
        return round(self.value, digits)
    def __index__(self):
        return int(self.value)
    def __bool__(self):
        return self.value != 0
""",
            """
m = candidate(2.75)
assert int(m) == 2 and float(m) == 2.75 and round(m, 1) == 2.8
assert 'abcd'[m] == 'c' and list(range(m)) == [0, 1]
assert m and not candidate(0) and hex(m) == '0x2'
""",
            ("return round(self.value, digits)", "return int(self.value)"),
            ("return self.value != 0", "return self.value != 1"),
        ),
        odd(
            "sets-by-operators",
            """
class Rights:
    '''Rights with |, &, - and <=.'''
    ##
    def __init__(self, *names):
        self.names = frozenset(names)
    def __or__(self, other):
        return Rights(*(self.names | other.names))
    def __and__(self, other):
        return Rights(*(self.names & other.names))
    def __sub__(self, other):
        return Rights(*(self.names - other.names))
    def __le__(self, other):
        return self.names <= other.names
    def __contains__(self, name):
        return name in self.names
""",
            """
a, b = candidate('r', 'w'), candidate('w', 'x')
assert (a | b).names == {*'rwx'}
assert (a & b).names == {'w'} and (a - b).names == {'r'} and 'x' in b
assert a & b <= a and not a <= b and a | b >= b
""",
            ("self.names <= other.names", "self.names < other.names or len(self.names) < 3"),
        ),
        odd(
            "different-kinds-are-not-equal",
            """
class Id:
    '''An id that is equal only to ids.'''
    ##
    def __init__(self, n):
        self.n = n
    def __eq__(self, other):
        if not isinstance(other, Id):
            return NotImplemented
        return self.n == other.n
""",
            """
assert candidate(3) == candidate(3) and candidate(3) != candidate(4)
assert candidate(3) != 3 and not candidate(3) == 'x'
class Any:
    def __eq__(self, other): return True
assert candidate(3) == Any()
""",
            ("return NotImplemented", "return True"),
            ("return NotImplemented", "return False"),
        ),
        odd(
            "dictionary-with-a-default",
            """
class Tally(dict):
    '''A dictionary whose missing values are 0; reading does not add them.'''
    ##
    def __missing__(self, key):
        return 0
""",
            """
t = candidate(a=1)
assert t['b'] == 0 and 'b' not in t and isinstance(t, dict)
t['b'] += 2
assert t == {'a': 1, 'b': 2} and len(t) == 2
""",
            ("return 0", "self[key] = 0\n        return 0"),
        ),
        odd(
            "list-of-its-own",
            """
class Ring(list):
    '''A list whose indices wrap around.'''
    ##
    def __getitem__(self, index):
        return super().__getitem__(index % len(self))
""",
            """
r = candidate([1, 2, 3])
assert r[4] == 2 and r[-4] == 3 and r == [1, 2, 3]
r.append(4)
assert r[4] == 1 and isinstance(r, list) and sum(r) == 10
""",
            ("index % len(self)", "min(index, len(self) - 1)"),
        ),
    ),
)

"""Entry points of other kinds: context managers, enumerations, records, exceptions, metaclasses."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "other kinds of entry points",
        odd(
            "function-as-a-context-manager",
            """
from contextlib import contextmanager

@contextmanager
def changed(table, key, value):
    '''Set a key for the time of a block, and restore it even after an error.'''
    ##
    before = table.get(key)
    table[key] = value
    try:
        yield table
    finally:
        table[key] = before
""",
            """
t = {'a': 1}
with candidate(t, 'a', 2) as same:
    assert same is t and t == {'a': 2}
assert t == {'a': 1}
try:
    with candidate(t, 'a', 3):
        raise KeyError('x')
except KeyError:
    pass
assert t == {'a': 1}
""",
            (
                "try:\n        yield table\n    finally:\n        table[key] = before",
                "yield table\n    table[key] = before",
            ),
            ("table[key] = before", "table.pop(key)"),
        ),
        odd(
            "enumeration",
            """
from enum import Enum
class Day(Enum):
    '''The days of a short week, with `next`.'''
    ##
    MON = 1
    TUE = 2
    SUN = 3
    @property
    def next(self):
        return Day(self.value % 3 + 1)
""",
            """
assert candidate.MON.next is candidate.TUE and candidate.SUN.next is candidate.MON
assert [day.name for day in candidate] == ['MON', 'TUE', 'SUN'] and len(candidate) == 3
assert candidate(2) is candidate['TUE'] and candidate.SUN in candidate
try:
    candidate(4)
except ValueError:
    pass
else:
    assert False
""",
            ("self.value % 3 + 1", "self.value % 3"),
            ("return Day(self.value % 3 + 1)", "return self.value % 3 + 1"),
        ),
        odd(
            "data-class",
            """
from dataclasses import dataclass, field
class Task:
    '''A task with a priority; names do not count for order and equality.'''
    ##
    priority: int
    name: str = field(compare=False)
    notes: list = field(default_factory=list, compare=False)

Task = dataclass(order=True)(Task)
""",
            """
import dataclasses
a, b = candidate(2, 'a'), candidate(1, 'b')
assert sorted([a, b]) == [b, a] and a == candidate(2, 'z') and a > b
assert dataclasses.asdict(b) == {'priority': 1, 'name': 'b', 'notes': []}
a.notes.append('x')
assert b.notes == [] and dataclasses.replace(b, name='c').name == 'c'
assert repr(b) == "Task(priority=1, name='b', notes=[])"
""",
            ("name: str = field(compare=False)", "name: str"),
            ("order=True", "order=False"),
        ),
        odd(
            "named-tuple",
            """
from typing import NamedTuple
class Point(NamedTuple):
    '''A point with `plus`.'''
    ##
    x: int
    y: int = 0
    def plus(self, other):
        return Point(self.x + other.x, self.y + other.y)
""",
            """
p = candidate(1, 2).plus(candidate(3, 5))
assert p == (4, 7) and p.x == 4 and p._fields == ('x', 'y') and isinstance(p, tuple)
assert candidate(1) == (1, 0)
x, y = p
assert (x, y) == (4, 7) and candidate(y=1, x=2) == candidate(2, 1)
""",
            ("self.y + other.y", "self.y"),
            ("Point(self.x + other.x, self.y + other.y)", "(self.x + other.x, self.y + other.y)"),
        ),
        odd(
            "exception",
            """
class LimitError(Exception):
    '''An error with the limit and the value.'''
    ##
    def __init__(self, limit, value):
        super().__init__(f'{value} exceeds {limit}')
        self.limit, self.value = limit, value
""",
            """
try:
    raise candidate(3, 7)
except candidate as error:
    assert (error.limit, error.value, str(error)) == (3, 7, '7 exceeds 3')
assert issubclass(candidate, Exception) and not issubclass(candidate, ValueError)
""",
            ("{value} exceeds {limit}", "{limit} exceeds {value}"),
            ("self.limit, self.value = limit, value", "self.limit = self.value = limit"),
        ),
        odd(
            "abstract-class",
            """
from abc import ABC, abstractmethod
class Report(ABC):
    '''A report: `render` calls the abstract methods `title` and `lines`.'''
    ##
    @abstractmethod
    def title(self): ...
    @abstractmethod
    def lines(self): ...
    def render(self):
        return '\\n'.join([self.title().upper(), *self.lines()])
""",
            """
try:
    candidate()
except TypeError:
    pass
else:
    assert False
class Short(candidate):
    def title(self): return 'short'
    def lines(self): return ['a', 'b']
assert Short().render() == 'SHORT\\na\\nb'
""",
            (
                "    @abstractmethod\n    def title(self): ...\n    @abstractmethod\n",
                "    def title(self): ...\n",
            ),
            (".upper()", ""),
        ),
        odd(
            "metaclass",
            """
class Registered(type):
    '''A metaclass that lists its classes in `classes`, in their order.'''
    ##
    classes = []
    def __new__(mcs, name, bases, names):
        cls = super().__new__(mcs, name, bases, names)
        mcs.classes.append(name)
        return cls
    def __len__(cls):
        return len(cls.__name__)
""",
            """
class Abc(metaclass=candidate): pass
class De(Abc): pass
assert candidate.classes == ['Abc', 'De'] and type(De) is candidate
assert len(Abc) == 3 and len(De) == 2
""",
            ("mcs.classes.append(name)", "mcs.classes.insert(0, name)"),
            ("len(cls.__name__)", "3"),
        ),
        odd(
            "class-decorator",
            """
def comparable(cls):
    '''Give a class == by its attributes and return it.'''
    ##
    def equal(self, other):
        return type(self) is type(other) and vars(self) == vars(other)
    cls.__eq__ = equal
    return cls
""",
            """
@candidate
class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b
assert Pair(1, 2) == Pair(1, 2) and Pair(1, 2) != Pair(2, 1)
class Other(Pair): pass
assert Pair(1, 2) != Other(1, 2) and Pair.__name__ == 'Pair'
""",
            ("type(self) is type(other) and ", ""),
            ("cls.__eq__ = equal\n", "pass\n"),
        ),
        odd(
            "descriptor",
            """
class Positive:
    '''A descriptor for attributes that must be positive.'''
    ##
    def __set_name__(self, owner, name):
        self.name = '_' + name
    def __get__(self, instance, owner):
        return self if instance is None else getattr(instance, self.name)
    def __set__(self, instance, value):
        if value <= 0:
            raise ValueError(self.name[1:])
        setattr(instance, self.name, value)
""",
            """
class Box:
    width = candidate()
    height = candidate()
b = Box()
b.width, b.height = 2, 3
assert (b.width, b.height) == (2, 3)
try:
    b.height = 0
except ValueError as error:
    assert error.args == ('height',)
else:
    assert False
assert isinstance(Box.width, candidate)
""",
            ("setattr(instance, self.name, value)", "setattr(instance, '_value', value)"),
            ("value <= 0", "value < 0"),
        ),
        odd(
            "property-that-is-cached",
            """
from functools import cached_property
class Data:
    '''Numbers with a mean that is computed once.'''
    ##
    def __init__(self, values):
        self.values, self.computed = values, 0
    @cached_property
    def mean(self):
        self.computed += 1
        return sum(self.values) / len(self.values)
""",
            """
d = candidate([1, 3])
assert d.computed == 0 and d.mean == 2 == d.mean and d.computed == 1
d.values.append(8)
assert d.mean == 2
del d.mean
assert d.mean == 4 and d.computed == 2
""",
            ("@cached_property", "@property"),
            ("self.computed += 1", "self.computed = 1"),
        ),
        odd(
            "number-of-its-own",
            """
class Clock(int):
    '''An hour from 0 to 23 whose sums wrap around.'''
    ##
    def __new__(cls, hour):
        return super().__new__(cls, hour % 24)
    def __add__(self, other):
        return Clock(int(self) + int(other))
    def __str__(self):
        return f'{int(self):02}:00'
""",
            """
c = candidate(22) + 5
assert c == 3 and str(c) == '03:00' and isinstance(c, int) and c + 21 == 0
assert candidate(25) == 1 and range(5)[c] == 3
""",
            ("return Clock(int(self) + int(other))", "return int(self) + int(other)"),
            ("hour % 24", "hour"),
        ),
        odd(
            "partial",
            """
from functools import partial
def scale(x):
    '''Return the value times 3; `scale.keywords` tells the factor.'''
    ##

def _scale(x, factor):
    return x * factor
scale = partial(_scale, factor=3)
""",
            """
assert candidate(4) == 12 and candidate(4, factor=2) == 8
assert candidate.keywords == {'factor': 3} and candidate.func(2, 5) == 10 and candidate.args == ()
""",
            ("partial(_scale, factor=3)", "lambda x, factor=3: _scale(x, factor)"),
        ),
        odd(
            "method-that-the-test-overrides",
            """
class Brewer:
    '''`brew` calls `heat`, then `fill`; subclasses change the steps.'''
    ##
    def heat(self):
        return 'heat'
    def fill(self):
        return 'fill'
    def brew(self):
        return [self.heat(), self.fill()]
""",
            """
class Tea(candidate):
    def fill(self):
        return 'tea'
assert Tea().brew() == ['heat', 'tea'] and candidate().brew() == ['heat', 'fill']
candidate.heat = lambda self: 'boil'
assert Tea().brew() == ['boil', 'tea']
""",
            ("[self.heat(), self.fill()]", "[self.heat(), Brewer.fill(self)]"),
            ("[self.heat(), self.fill()]", "['heat', self.fill()]"),
        ),
        odd(
            "copies-of-an-object",
            """
class Sheet:
    '''A sheet: a copy shares its cells, a deep copy does not.'''
    ##
    def __init__(self, cells):
        self.cells, self.copies = cells, 0
    def __copy__(self):
        self.copies += 1
        return Sheet(self.cells)
""",
            """
import copy
s = candidate([[1], [2]])
a, b = copy.copy(s), copy.deepcopy(s)
s.cells[0].append(9)
assert a.cells is s.cells and b.cells == [[1], [2]] and s.copies == 1 and b.copies == 1
assert type(a) is candidate is type(b)
""",
            ("return Sheet(self.cells)", "return Sheet(list(self.cells))"),
            ("self.copies += 1\n        ", ""),
        ),
        odd(
            "class-with-parameters",
            """
class Typed:
    '''`Typed[int]` is a function that accepts only values of that type.'''
    ##
    def __class_getitem__(cls, kind):
        def check(value):
            if not isinstance(value, kind):
                raise TypeError(kind.__name__)
            return value
        return check
""",
            """
assert candidate[int](4) == 4 and candidate[str]('x') == 'x'
try:
    candidate[int]('4')
except TypeError as error:
    assert error.args == ('int',)
else:
    assert False
""",
            ("if not isinstance(value, kind)", "if isinstance(value, tuple)"),
            ("kind.__name__", "kind"),
        ),
    ),
)

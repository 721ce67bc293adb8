"""Results that are made late or are not data: views, iterators of iterators, classes, slices."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "results that are late or not data",
        odd(
            "class-as-a-result",
            """
def record(name, *fields):
    '''Return a class whose objects have these fields.'''
    ##
    class Record:
        def __init__(self, *values):
            for field, value in zip(fields, values, strict=False):
                setattr(self, field, value)
    Record.__name__ = name
    return Record
""",
            """
P = candidate('P', 'x', 'y')
p = P(1, 2)
assert (p.x, p.y) == (1, 2) and isinstance(p, P) and P.__name__ == 'P'
assert isinstance(P, type) and P is not candidate('P', 'x', 'y')
class Q(P): pass
assert Q(3, 4).y == 4
""",
            ("    Record.__name__ = name\n", ""),
            ("zip(fields, values,", "zip(sorted(fields), reversed(values),"),
            python=(3, 10),
        ),
        odd(
            "type-as-a-result",
            """
def common_type(values):
    '''Return the type of all values, or object.'''
    ##
    types = {type(value) for value in values}
    return types.pop() if len(types) == 1 else object
""",
            """
assert candidate([1, 2]) is int and candidate(['a']) is str and candidate([1, 'a']) is object
assert candidate([[]])() == [] and candidate([True, 1]) is object
""",
            ("{type(value) for value in values}", "{value.__class__ for value in values[:1]}"),
            ("types.pop() if", "types.pop().__name__ if"),
        ),
        odd(
            "slice-as-a-result",
            """
def tail(n):
    '''Return a slice of the last n items.'''
    ##
    return slice(-n, None)
""",
            """
s = candidate(2)
assert 'abcd'[s] == 'cd' and s == slice(-2, None) and s.indices(5) == (3, 5, 1)
""",
            ("slice(-n, None)", "slice(-n, -1)"),
        ),
        odd(
            "partial-as-a-result",
            """
from functools import partial
def tax(rate):
    '''Return a partial of round with two digits, applied to rate * x.'''
    ##
    return partial(_tax, rate, digits=2)

def _tax(rate, x, digits):
    return round(rate * x, digits)
""",
            """
t = candidate(0.19)
assert t(9.99) == 1.9 and t(10, digits=0) == 2 and t.args == (0.19,) and t.keywords == {'digits': 2}
""",
            ("digits=2)", "digits=3)"),
            ("partial(_tax, rate, digits=2)", "lambda x, digits=2: _tax(rate, x, digits)"),
        ),
        odd(
            "live-view-as-a-result",
            """
class Stock:
    '''A stock; `names` is a live view of the names.'''
    ##
    def __init__(self):
        self._counts = {}
        self.names = self._counts.keys()
    def add(self, name):
        self._counts[name] = self._counts.get(name, 0) + 1
""",
            """
s = candidate()
names = s.names
assert list(names) == []
s.add('a')
s.add('b')
s.add('a')
assert list(names) == ['a', 'b'] and 'b' in names and len(names) == 2
""",
            ("self._counts.keys()", "list(self._counts.keys())"),
        ),
        odd(
            "groups-of-groups",
            """
from itertools import groupby
def runs(values):
    '''Return an iterator of each value and an iterator of its run.'''
    ##
    return groupby(values)
""",
            """
assert [(key, len(list(run))) for key, run in candidate('aabccc')] == [('a', 2), ('b', 1), ('c', 3)]
g = candidate(iter([1, 1, 2]))
key, run = next(g)
assert key == 1 and next(run) == 1 and next(g)[0] == 2
""",
            ("groupby(values)", "groupby(sorted(values, reverse=True))"),
            ("groupby(values)", "((value, [value]) for value in values)"),
        ),
        odd(
            "two-readers-of-one-source",
            """
from itertools import tee
def twice(source):
    '''Return two independent iterators over a source.'''
    ##
    return tee(source)
""",
            """
a, b = candidate(iter('abc'))
assert next(a) == 'a' and next(a) == 'b' and next(b) == 'a' and list(a) == ['c']
assert list(b) == ['b', 'c']
""",
            ("return tee(source)", "return source, source"),
        ),
        odd(
            "map-is-lazy",
            """
def applied(function, items):
    '''Return a lazy iterator of the results.'''
    ##
    return map(function, items)
""",
            """
seen = []
m = candidate(lambda x: seen.append(x) or -x, [1, 2, 3])
assert seen == [] and next(m) == -1 and seen == [1] and list(m) == [-2, -3] and seen == [1, 2, 3]
""",
            ("map(function, items)", "iter(list(map(function, items)))"),
            ("map(function, items)", "[function(item) for item in items]"),
        ),
        odd(
            "sides-effects-in-order",
            """
def logged(log, items):
    '''Yield the items; log each before it is yielded and `end` after the last.'''
    ##
    for item in items:
        log.append(item)
        yield item
    log.append('end')
""",
            """
log = []
g = candidate(log, 'ab')
assert log == []
for item in g:
    log.append(item.upper())
assert log == ['a', 'A', 'b', 'B', 'end']
""",
            ("log.append(item)\n        yield item", "yield item\n        log.append(item)"),
            (
                "for item in items:\n",
                "items = [log.append(x) or x for x in items]\n    for item in items:\n",
            ),
        ),
        odd(
            "cycle-without-end",
            """
from itertools import cycle
def colours(*names):
    '''Return an endless iterator over the names.'''
    ##
    return cycle(names)
""",
            """
c = candidate('r', 'g')
assert [next(c) for _ in range(5)] == ['r', 'g', 'r', 'g', 'r'] and iter(c) is c
""",
            ("cycle(names)", "cycle(names[::-1])"),
            ("cycle(names)", "iter(names * 2)"),
        ),
        odd(
            "view-of-bytes",
            """
DATA = bytearray(b'abcd')
def half():
    '''Return a memory view of the second half of DATA.'''
    ##
    return memoryview(DATA)[2:]
""",
            """
v = candidate()
assert bytes(v) == b'cd' and len(v) == 2 and v[0] == 99
v[0] = 120
assert DATA == b'abxd'
""",
            ("memoryview(DATA)[2:]", "DATA[2:]"),
        ),
        odd(
            "special-constants",
            """
def special(name):
    '''Return a constant of Python by its name.'''
    ##
    return {'...': Ellipsis, 'ni': NotImplemented, 'none': None, 'debug': __debug__}[name]
""",
            """
assert candidate('...') is ... and candidate('ni') is NotImplemented
assert candidate('none') is None and candidate('debug') is True
""",
            ("Ellipsis", "'...'"),
            ("NotImplemented", "NotImplementedError"),
        ),
        odd(
            "method-of-a-kept-object",
            """
class Meter:
    total = 0
    def add(self, n):
        self.total += n
        return self.total

def adder():
    '''Return the method `add` of a new Meter.'''
    ##
    return Meter().add
""",
            """
add, other = candidate(), candidate()
assert add(2) == 2 and add(3) == 5 and other(1) == 1
assert add.__self__.total == 5 and add.__name__ == 'add'
""",
            ("return Meter().add", "return METER.add\n\nMETER = Meter()"),
        ),
        odd(
            "closure-over-a-loop",
            """
def countdown(n):
    '''Return a function that counts n, n - 1, ..., 1 and then raises StopIteration.'''
    ##
    numbers = iter(range(n, 0, -1))
    return numbers.__next__
""",
            """
step = candidate(2)
assert (step(), step()) == (2, 1)
try:
    step()
except StopIteration:
    pass
else:
    assert False
assert list(iter(candidate(3), 1)) == [3, 2]
""",
            ("return numbers.__next__", "return lambda: next(numbers, 0)"),
            ("range(n, 0, -1)", "range(n)"),
        ),
    ),
)

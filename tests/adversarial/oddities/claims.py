"""Claims about objects: a test asks for what their classes define, and for nothing else."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "claims of objects",
        odd(
            "callable-or-not",
            """
def tool(name):
    '''Return an object that can be called, with an attribute `name`.'''
    ##
    class Tool:
        def __call__(self, x):
            return x, name
    made = Tool()
    made.name = name
    return made
""",
            """
t = candidate('saw')
assert callable(t) and t.name == 'saw'
""",
            ("def __call__", "def call"),
        ),
        odd(
            "not-callable",
            """
def note(text):
    '''Return an object with an attribute `text` that cannot be called.'''
    ##
    class Note:
        pass
    made = Note()
    made.text = text
    return made
""",
            """
n = candidate('a')
assert n.text == 'a' and not callable(n)
""",
            ("pass\n", "def __call__(self): pass\n"),
        ),
        odd(
            "iterable-by-its-class",
            """
def bundle(items):
    '''Return an object that can be iterated over, and has an attribute `items`.'''
    ##
    class Bundle:
        def __init__(self):
            self.items = items
        def __iter__(self):
            return iter(self.items)
    return Bundle()
""",
            """
from collections.abc import Iterable, Iterator, Sized
b = candidate([1])
assert isinstance(b, Iterable) and not isinstance(b, (Iterator, Sized))
assert b.items == [1] and hasattr(b, '__iter__') and not hasattr(b, '__len__')
""",
            ("__iter__", "__items__"),
            ("def __iter__", "def __len__(self):\n            return 1\n        def __iter__"),
        ),
        odd(
            "sized-by-its-class",
            """
def crate(n):
    '''Return an object with a length.'''
    ##
    class Crate:
        def __len__(self):
            return n
    return Crate()
""",
            """
from collections.abc import Iterable, Sized
c = candidate(3)
assert isinstance(c, Sized) and len(c) == 3 and hasattr(c, '__len__')
assert not isinstance(c, Iterable) and not hasattr(c, '__iter__')
""",
            ("__len__", "__size__"),
            (
                "def __len__",
                "def __iter__(self):\n            return iter('')\n        def __len__",
            ),
        ),
        odd(
            "length-of-no-length",
            """
def opaque(n):
    '''Return an object without a length.'''
    ##
    class Opaque:
        pass
    return Opaque()
""",
            """
o = candidate(3)
for act in (len, iter, next, abs, int, sum, reversed):
    try:
        act(o)
    except TypeError:
        pass
    else:
        assert False, act
""",
            ("pass\n", "def __len__(self): return n\n"),
            ("pass\n", "def __iter__(self): return iter([])\n"),
            ("pass\n", "def __abs__(self): return n\n"),
        ),
        odd(
            "membership-of-no-container",
            """
def shelf(items):
    '''Return an object that supports `in`.'''
    ##
    class Shelf:
        def __contains__(self, item):
            return item in items
    return Shelf()
""",
            """
from collections.abc import Container
s = candidate('ab')
assert 'a' in s and 'c' not in s and isinstance(s, Container)
""",
            ("__contains__", "__has__"),
            ("return item in items", "return True"),
        ),
        odd(
            "membership-by-iteration",
            """
def walk(n):
    '''Return an object that is iterated over and has no own membership test.'''
    ##
    class Walk:
        def __iter__(self):
            return iter(range(0, n, 5))
    return Walk()
""",
            """
w = candidate(20)
assert 15 in w and 16 not in w and 20 not in w
assert not hasattr(w, '__contains__')
""",
            ("range(0, n, 5)", "range(0, n, 4)"),
            (
                "def __iter__",
                "def __contains__(self, x):\n            return x == 15\n        def __iter__",
            ),
        ),
        odd(
            "order-of-unordered",
            """
def ticket(n):
    '''Return an object that sorts by n.'''
    ##
    class Ticket:
        def __init__(self):
            self.n = n
        def __lt__(self, other):
            return self.n < other.n
    return Ticket()
""",
            """
assert candidate(1) < candidate(2)
assert [t.n for t in sorted(map(candidate, [3, 1, 2]))] == [1, 2, 3]
""",
            ("def __lt__", "def less"),
            ("self.n < other.n", "self.n > other.n"),
        ),
        odd(
            "unordered",
            """
def ticket(n):
    '''Return an object that cannot be ordered.'''
    ##
    class Ticket:
        number = n
    return Ticket()
""",
            """
a, b = candidate(1), candidate(2)
for act in ('a < b', 'a >= b', 'sorted([a, b])', 'max(a, b)', 'a + b', '-a', 'a[0]', 'a & b'):
    try:
        eval(act)
    except TypeError:
        pass
    else:
        assert False, act
assert a.number + b.number == 3
""",
            ("number = n", "number = n\n        def __lt__(self, other): return True"),
            ("number = n", "number = n\n        def __add__(self, other): return 3"),
        ),
        odd(
            "key-that-can-be-hashed",
            """
def key(name):
    '''Return an object that can be the key of a dictionary.'''
    ##
    class Key:
        def __eq__(self, other):
            return self is other
        def __hash__(self):
            return 7
    return Key()
""",
            """
from collections.abc import Hashable
a, b = candidate('a'), candidate('b')
assert isinstance(a, Hashable) and {a: 1, b: 2}[b] == 2 and len({a, b, a}) == 2
""",
            ("def __hash__(self):\n            return 7", "__hash__ = None"),
            ("def __hash__(self):\n            return 7", "def hash(self):\n            return 7"),
        ),
        odd(
            "object-that-cannot-be-hashed",
            """
def draft(text):
    '''Return an object that cannot be hashed.'''
    ##
    class Draft:
        __hash__ = None
    return Draft()
""",
            """
d = candidate('a')
for act in (hash, lambda x: {x}, lambda x: {x: 1}):
    try:
        act(d)
    except TypeError:
        pass
    else:
        assert False
""",
            ("__hash__ = None", "text = None"),
        ),
        odd(
            "kinds-of-iterators",
            """
def evens(n):
    '''Return a generator of even numbers.'''
    ##
    return (2 * i for i in range(n))
""",
            """
import types, inspect
g = candidate(3)
assert isinstance(g, types.GeneratorType)
assert inspect.isgenerator(g) and list(g) == [0, 2, 4]
""",
            ("(2 * i for i in range(n))", "iter([2 * i for i in range(n)])"),
            ("(2 * i for i in range(n))", "map((2).__mul__, range(n))"),
        ),
        odd(
            "iterator-and-no-generator",
            """
def pairs(items):
    '''Return an iterator that is not a generator.'''
    ##
    return zip(items, items[1:])
""",
            """
from collections.abc import Generator, Iterator
p = candidate('abc')
assert isinstance(p, Iterator) and not isinstance(p, Generator)
assert not hasattr(p, 'send') and list(p) == [('a', 'b'), ('b', 'c')]
""",
            ("return zip(items, items[1:])", "return (pair for pair in zip(items, items[1:]))"),
            ("return zip(items, items[1:])", "return list(zip(items, items[1:]))"),
        ),
        odd(
            "coroutine-and-awaitable",
            """
def later(x):
    '''Return a coroutine that returns x.'''
    ##
    async def inner():
        return x
    return inner()
""",
            """
import asyncio
assert asyncio.iscoroutine(c := candidate(4))
assert asyncio.run(c) == 4
""",
            (
                "async def inner():\n        return x\n    return inner()",
                "class Later:\n        def __await__(self):\n            yield\n"
                "            return x\n"
                "    return Later()",
            ),
        ),
        odd(
            "context-manager-or-not",
            """
def lease(log):
    '''Return a context manager that logs its end.'''
    ##
    class Lease:
        def __enter__(self):
            return self
        def __exit__(self, *error):
            log.append('end')
    return Lease()
""",
            """
from contextlib import AbstractContextManager
log = []
x = candidate(log)
assert isinstance(x, AbstractContextManager)
with x as y:
    assert y is x and log == []
assert log == ['end']
""",
            ("__exit__", "close"),
            ("log.append('end')", "pass"),
        ),
        odd(
            "attributes-that-are-there",
            """
def user(name, age=None):
    '''Return an object with a name, and an age only if it is given.'''
    ##
    class User:
        pass
    made = User()
    made.name = name
    if age is not None:
        made.age = age
    return made
""",
            """
a, b = candidate('a', 3), candidate('b')
assert hasattr(a, 'age') and a.age == 3
assert not hasattr(b, 'age') and getattr(b, 'age', 0) == 0 and b.name == 'b'
""",
            ("if age is not None:\n        made.age = age", "made.age = age"),
        ),
        odd(
            "mapping-by-its-class",
            """
from collections.abc import Mapping

def layered(*layers):
    '''Return a read-only mapping in which earlier layers win.'''
    ##
    class Layered(Mapping):
        def __getitem__(self, key):
            for layer in layers:
                if key in layer:
                    return layer[key]
            raise KeyError(key)
        def __iter__(self):
            return iter(dict.fromkeys(key for layer in layers for key in layer))
        def __len__(self):
            return sum(1 for _ in self)
    return Layered()
""",
            """
from collections.abc import Mapping, MutableMapping
m = candidate({'a': 1}, {'a': 2, 'b': 3})
assert isinstance(m, Mapping) and not isinstance(m, MutableMapping)
assert dict(m) == {'a': 1, 'b': 3} == m and m.get('c', 0) == 0 and len(m) == 2
assert list(m.items()) == [('a', 1), ('b', 3)] and {**m}['b'] == 3
""",
            (
                "for layer in layers:\n                if",
                "for layer in reversed(layers):\n                if",
            ),
            ("class Layered(Mapping)", "class Layered"),
        ),
    ),
)

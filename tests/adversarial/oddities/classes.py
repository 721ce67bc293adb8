"""Classes as entry points."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "classes as entry points",
        odd(
            "representation",
            """
class Range:
    '''A range of numbers with repr and str.'''
    ##
    def __init__(self, low, high):
        self.low, self.high = low, high
    def __repr__(self):
        return f'Range({self.low!r}, {self.high!r})'
    def __str__(self):
        return f'{self.low}..{self.high}'
    def __format__(self, spec):
        return f'{self.low:{spec}}-{self.high:{spec}}'
""",
            """
r = candidate(1, 12)
assert repr(r) == 'Range(1, 12)' and str(r) == '1..12'
assert f'{r:03}' == '001-012' and f'{r!s} {r!r}' == '1..12 Range(1, 12)'
""",
            ("return f'{self.low}..{self.high}'", "return repr(self)"),
            ("{self.high:{spec}}", "{self.high}"),
        ),
        odd(
            "items",
            """
class Sparse:
    '''A list of zeros that stores only other values.'''
    ##
    def __init__(self):
        self.stored = {}
    def __getitem__(self, index):
        return self.stored.get(index, 0)
    def __setitem__(self, index, value):
        self.stored[index] = value
    def __delitem__(self, index):
        del self.stored[index]
    def __contains__(self, value):
        return value in self.stored.values()
    def __len__(self):
        return len(self.stored)
""",
            """
s = candidate()
s[5] = 'a'
s[9] = 'b'
assert s[5] == 'a' and s[1] == 0
assert 'b' in s and 'c' not in s and len(s) == 2
del s[9]
assert len(s) == 1 and 'b' not in s
s[5] += 'c'
assert s[5] == 'ac'
""",
            ("del self.stored[index]", "self.stored[index] = 0"),
            ("return value in self.stored.values()", "return value in self.stored"),
        ),
        odd(
            "slices",
            """
class Window:
    '''A view of a text: Window(text)[a:b] returns that part, reversed.'''
    ##
    def __init__(self, text):
        self.text = text
    def __getitem__(self, key):
        if isinstance(key, slice):
            return self.text[key][::-1]
        return self.text[key]
""",
            """
w = candidate('abcdef')
assert w[1:4] == 'dcb' and w[-1] == 'f' and w[::2] == 'eca'
""",
            ("self.text[key][::-1]", "self.text[::-1][key]"),
        ),
        odd(
            "kinds-of-objects",
            """
class Token:
    '''A token.'''
    ##
    kind = 'token'
    @classmethod
    def empty(cls):
        return cls()
""",
            """
t = candidate()
assert isinstance(t, candidate) and type(t) is candidate
assert isinstance(candidate.empty(), candidate) and issubclass(candidate, object)
assert candidate.kind == t.kind == 'token' and candidate.__name__ == 'Token'
class Word(candidate): kind = 'word'
assert isinstance(Word(), candidate) and Word.empty().kind == 'word'
""",
            ("return cls()", "return Token()"),
            ("return cls()", "return 'token'"),
        ),
        odd(
            "context",
            """
class Muted:
    '''A context manager that swallows ValueErrors and counts them.'''
    ##
    def __init__(self):
        self.count = 0
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        if kind and issubclass(kind, ValueError):
            self.count += 1
            return True
        return False
""",
            """
m = candidate()
with m as same:
    int('x')
assert m is same and m.count == 1
try:
    with m:
        {}['k']
except KeyError:
    pass
else:
    assert False
assert m.count == 1
""",
            ("return True\n        return False", "return True\n        return True"),
            ("return True\n        return False", "return False\n        return False"),
        ),
        odd(
            "iteration",
            """
class Steps:
    '''The numbers from 1 to n; it can be iterated again.'''
    ##
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        for number in range(1, self.n + 1):
            yield number
    def __reversed__(self):
        return iter(range(self.n, 0, -1))
""",
            """
s = candidate(3)
assert list(s) == [1, 2, 3] == list(s) and max(s) == 3 and 2 in s
a, *rest = s
assert rest == [2, 3] and list(reversed(s)) == [3, 2, 1]
assert [(a, b) for a in s for b in s][3] == (2, 1)
""",
            (
                "for number in range(1, self.n + 1):\n            yield number",
                "while self.n:\n            yield self.n\n            self.n -= 1",
            ),
        ),
        odd(
            "iterator",
            """
class Pairs:
    '''An iterator of the pairs of neighbours; it is used up by iteration.'''
    ##
    def __init__(self, items):
        self.items, self.at = items, 0
    def __iter__(self):
        return self
    def __next__(self):
        self.at += 1
        if self.at >= len(self.items):
            raise StopIteration
        return self.items[self.at - 1], self.items[self.at]
""",
            """
p = candidate('abc')
assert iter(p) is p and next(p) == ('a', 'b')
assert list(p) == [('b', 'c')] and list(p) == [] and next(p, 0) == 0
""",
            ("return self\n    def __next__", "return Pairs(self.items)\n    def __next__"),
        ),
        odd(
            "property-with-a-setter",
            """
class Volume:
    '''A level from 0 to 10.'''
    ##
    def __init__(self):
        self._level = 0
    @property
    def level(self):
        return self._level
    @level.setter
    def level(self, value):
        if not 0 <= value <= 10:
            raise ValueError(f'no level {value}')
        self._level = value
    @level.deleter
    def level(self):
        self._level = 0
""",
            """
v = candidate()
v.level = 7
v.level += 2
assert v.level == 9
try:
    v.level = 11
except ValueError as error:
    assert str(error) == 'no level 11'
else:
    assert False
del v.level
assert v.level == 0
""",
            ("raise ValueError(f'no level {value}')", "return"),
            ("0 <= value <= 10", "0 <= value"),
        ),
        odd(
            "attributes-only-to-read",
            """
class Seal:
    '''A seal whose number cannot change.'''
    ##
    def __init__(self, number):
        self._number = number
    @property
    def number(self):
        return self._number
""",
            """
s = candidate(4)
assert s.number == 4
try:
    s.number = 5
except AttributeError:
    pass
else:
    assert False
assert s.number == 4
""",
            (
                "self._number = number\n    @property\n"
                "    def number(self):\n        return self._number",
                "self.number = number",
            ),
        ),
        odd(
            "attributes-as-a-dictionary",
            """
class Bag:
    '''An object with any attributes.'''
    ##
    def __init__(self, **given):
        for name, value in given.items():
            setattr(self, name, value)
""",
            """
b = candidate(a=1, b=[2])
assert vars(b) == {'a': 1, 'b': [2]} == b.__dict__
b.c = 3
assert sorted(vars(b)) == ['a', 'b', 'c'] and hasattr(b, 'c')
del b.a
assert not hasattr(b, 'a') and getattr(b, 'a', 'none') == 'none'
""",
            ("setattr(self, name, value)", "setattr(self, '_' + name, value)"),
        ),
        odd(
            "fluent",
            """
class Query:
    '''A query that is made step by step.'''
    ##
    def __init__(self):
        self.parts = []
    def where(self, part):
        self.parts.append(part)
        return self
    def text(self):
        return ' and '.join(self.parts)
""",
            """
q = candidate()
assert q.where('a').where('b') is q and q.text() == 'a and b'
""",
            ("return self\n", "return Query()\n"),
        ),
        odd(
            "hash",
            """
class Label:
    '''A label that ignores case.'''
    ##
    def __init__(self, text):
        self.text = text
    def __eq__(self, other):
        return isinstance(other, Label) and self.text.lower() == other.text.lower()
    def __hash__(self):
        return hash(self.text.lower())
""",
            """
a, b, c = candidate('A'), candidate('a'), candidate('c')
assert a == b and a != c and a != 'A' and len({a, b, c}) == 2
assert {a: 1}[b] == 1 and hash(a) == hash(b) and [a, c].index(c) == 1
""",
            ("hash(self.text.lower())", "hash(self.text)"),
            ("self.text.lower() == other.text.lower()", "self.text == other.text"),
        ),
        odd(
            "attribute-of-the-class-and-of-the-object",
            """
class Robot:
    '''A robot. `Robot.count` is the number of robots.'''
    ##
    count = 0
    def __init__(self):
        Robot.count += 1
        self.number = Robot.count
""",
            """
a, b = candidate(), candidate()
assert candidate.count == 2 == a.count
assert (a.number, b.number) == (1, 2)
a.count = 9
assert candidate.count == 2
""",
            (
                "Robot.count += 1\n        self.number = Robot.count",
                "self.count += 1\n        self.number = self.count",
            ),
        ),
        odd(
            "single-object",
            """
class Config:
    '''Every call returns the one object.'''
    ##
    _only = None
    def __new__(cls):
        if cls._only is None:
            cls._only = super().__new__(cls)
            cls._only.values = {}
        return cls._only
""",
            """
a, b = candidate(), candidate()
assert a is b
a.values['k'] = 1
assert b.values == {'k': 1} == candidate().values
""",
            ("if cls._only is None:", "if True:"),
        ),
        odd(
            "constructor-that-raises",
            """
class Email:
    '''An address with exactly one @.'''
    ##
    def __init__(self, text):
        if text.count('@') != 1:
            raise ValueError(f'not an address: {text}')
        self.user, self.host = text.split('@')
""",
            """
e = candidate('me@here')
assert (e.user, e.host) == ('me', 'here')
for bad in ('me', 'a@b@c'):
    try:
        candidate(bad)
    except ValueError as error:
        assert str(error) == f'not an address: {bad}'
    else:
        assert False
""",
            ("raise ValueError(f'not an address: {text}')", "text = '@'"),
        ),
        odd(
            "subscribers",
            """
class Signal:
    '''Calls its listeners in the order in which they were added.'''
    ##
    def __init__(self):
        self.listeners = []
    def connect(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)
    def send(self, *args):
        return [listener(*args) for listener in self.listeners]
""",
            """
seen = []
s = candidate()
stop = s.connect(seen.append)
s.connect(lambda x: seen.append(-x))
s.send(1)
stop()
s.send(2)
assert seen == [1, -1, -2]
""",
            ("self.listeners.remove(listener)", "None"),
            ("in self.listeners]", "in reversed(self.listeners)]"),
        ),
        odd(
            "recently-used",
            """
class Cache:
    '''A cache of n entries that drops the one that was used least recently.'''
    ##
    def __init__(self, n):
        self.n, self.entries = n, {}
    def get(self, key):
        if key not in self.entries:
            return -1
        self.entries[key] = self.entries.pop(key)
        return self.entries[key]
    def put(self, key, value):
        self.entries.pop(key, None)
        self.entries[key] = value
        if len(self.entries) > self.n:
            del self.entries[next(iter(self.entries))]
""",
            """
c = candidate(2)
c.put(1, 'a')
c.put(2, 'b')
assert c.get(1) == 'a'
c.put(3, 'c')
assert c.get(2) == -1 and c.get(3) == 'c' and c.get(1) == 'a'
""",
            ("self.entries[key] = self.entries.pop(key)\n", "pass\n"),
        ),
    ),
)

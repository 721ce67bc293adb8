"""Generators, and iterators as arguments."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "generators",
        odd(
            "return-value-of-a-generator",
            """
def parts(text):
    '''Yield the words and return their number.'''
    ##
    words = text.split()
    yield from words
    return len(words)
""",
            """
def outer():
    n = yield from candidate('a b c')
    yield n
assert list(outer()) == ['a', 'b', 'c', 3]
""",
            ("return len(words)", "yield len(words)"),
            ("return len(words)", "return None"),
        ),
        odd(
            "send",
            """
def mean():
    '''Take numbers by send() and yield their mean so far.'''
    ##
    total, count, found = 0, 0, None
    while True:
        total += yield found
        count += 1
        found = total / count
""",
            """
m = candidate()
assert next(m) is None
assert [m.send(x) for x in (2, 4, 12)] == [2, 3, 6]
""",
            ("found = total / count", "found = total / max(count, 2)"),
        ),
        odd(
            "close",
            """
CLOSED = []

def lines(name):
    '''Yield lines for ever; note the name in CLOSED at the end.'''
    ##
    try:
        while True:
            yield name
    finally:
        CLOSED.append(name)
""",
            """
g = candidate('a')
assert next(g) == next(g) == 'a' and CLOSED == []
g.close()
assert CLOSED == ['a'] and list(g) == []
""",
            (
                "finally:\n        CLOSED.append(name)",
                "except ValueError:\n        CLOSED.append(name)",
            ),
        ),
        odd(
            "throw",
            """
def patient():
    '''Yield 1, 2, ...; answer a thrown ValueError with its message.'''
    ##
    n = 0
    while True:
        n += 1
        try:
            yield n
        except ValueError as error:
            yield str(error)
""",
            """
g = candidate()
assert next(g) == 1 and g.throw(ValueError('stop')) == 'stop'
assert next(g) == 2
try:
    g.throw(KeyError('k'))
except KeyError:
    pass
else:
    assert False
assert list(g) == []
""",
            ("except ValueError as error", "except Exception as error"),
        ),
        odd(
            "nothing-before-the-first-item",
            """
def lazy(source):
    '''Yield the doubled items of a source, reading one at a time.'''
    ##
    for item in source:
        yield item * 2
""",
            """
read = []
def source():
    for n in range(5):
        read.append(n)
        yield n
g = candidate(source())
assert read == [] and next(g) == 0 and read == [0]
assert next(g) == 2 and read == [0, 1]
""",
            (
                "for item in source:\n        yield item * 2",
                "return iter([item * 2 for item in source])",
            ),
            ("for item in source:", "for item in list(source):"),
        ),
        odd(
            "later-items-cost-too-much",
            """
def squares():
    '''Yield squares for ever.'''
    ##
    n = 0
    while True:
        while n > 6:
            pass
        yield n * n
        n += 1
""",
            """
from itertools import islice
assert list(islice(candidate(), 7))[-1] == 36
g = candidate()
assert next(g) == 0 and next(g) == 1
""",
            ("yield n * n", "yield n * (n + 1)"),
        ),
        odd(
            "generators-beside-each-other",
            """
def ids(prefix):
    '''Yield prefix0, prefix1, ...'''
    ##
    n = 0
    while True:
        yield f'{prefix}{n}'
        n += 1
""",
            """
a, b = candidate('a'), candidate('b')
assert [next(a), next(b), next(a), next(b)] == ['a0', 'b0', 'a1', 'b1']
assert next(zip(a, b)) == ('a2', 'b2')
""",
            ("n = 0\n", "n = ids.__dict__.setdefault('n', 0)\n    ids.n += 1\n"),
        ),
        odd(
            "error-after-some-items",
            """
def checked(values):
    '''Yield positive values; raise ValueError at the first other one.'''
    ##
    for value in values:
        if value <= 0:
            raise ValueError(value)
        yield value
""",
            """
g, out = candidate([1, 2, 0, 3]), []
try:
    for x in g:
        out.append(x)
except ValueError as error:
    assert error.args == (0,) and out == [1, 2]
else:
    assert False
""",
            (
                "for value in values:\n",
                "values = [v for v in values if v >= 0]\n    if 0 in values:\n"
                "        raise ValueError(0)\n    for value in values:\n",
            ),
        ),
    ),
    *kind(
        "iterators as arguments",
        odd(
            "no-more-than-needed",
            """
def first_two(source):
    '''Return the first two items.'''
    ##
    it = iter(source)
    return next(it), next(it)
""",
            """
def source():
    yield 'a'
    yield 'b'
    raise RuntimeError('read too far')
assert candidate(source()) == ('a', 'b')
""",
            ("it = iter(source)", "it = iter(list(source))"),
        ),
        odd(
            "rest-of-an-iterator",
            """
def header(lines):
    '''Take the first line from an iterator.'''
    ##
    return next(lines).strip()
""",
            """
lines = iter(['h \\n', 'a', 'b'])
assert candidate(lines) == 'h' and list(lines) == ['a', 'b']
""",
            ("next(lines).strip()", "list(lines)[0].strip()"),
        ),
        odd(
            "iterator-without-end",
            """
def until(source, limit):
    '''Return the items before the first one above the limit.'''
    ##
    found = []
    for item in source:
        if item > limit:
            return found
        found.append(item)
    return found
""",
            """
from itertools import count
assert candidate(count(7, 3), 14) == [7, 10, 13]
c = count()
candidate(c, 2)
assert next(c) == 4
""",
            ("item > limit", "item >= limit"),
        ),
        odd(
            "one-iterator-twice",
            """
def paired(values):
    '''Return neighbours as pairs.'''
    ##
    it = iter(values)
    return list(zip(it, it))
""",
            """
assert candidate([1, 2, 3, 4]) == [(1, 2), (3, 4)]
assert candidate(x for x in 'abc') == [('a', 'b')]
""",
            ("zip(it, it)", "zip(it, iter(values))"),
        ),
        odd(
            "two-walks-need-a-copy",
            """
def above_mean(values):
    '''Return the values above the mean; values may be an iterator.'''
    ##
    values = list(values)
    mean = sum(values) / len(values)
    return [value for value in values if value > mean]
""",
            """
assert candidate(iter([1, 2, 6])) == [6] and candidate(n for n in (0, 4)) == [4]
""",
            (
                "values = list(values)\n    mean = sum(values) / len(values)",
                "mean = sum(values) / 3",
            ),
        ),
        odd(
            "reader-by-calls",
            """
def drain(read):
    '''Call read until it returns an empty text; return all that it gave.'''
    ##
    return list(iter(read, ''))
""",
            """
texts = ['', 'b', 'a']
assert candidate(texts.pop) == ['a', 'b'] and texts == []
""",
            ("list(iter(read, ''))", "list(iter(read, ''))[:1]"),
        ),
    ),
)

"""Arguments that a program keeps or changes, at once or later."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "arguments that the program keeps or changes",
        odd(
            "list-is-copied-at-once",
            """
def reader(values):
    '''Return a function that returns the values as they were.'''
    ##
    values = tuple(values)
    return lambda: list(values)
""",
            """
v = [1]
read = candidate(v)
v.append(2)
assert read() == [1]
read().append(3)
assert read() == [1]
""",
            ("    values = tuple(values)\n", ""),
        ),
        odd(
            "list-is-shared-on-purpose",
            """
class View:
    '''A view of a list that sees its later changes.'''
    ##
    def __init__(self, items):
        self.items = items
    def last(self):
        return self.items[-1]
""",
            """
v = [1]
w = candidate(v)
assert w.last() == 1
v.append(2)
assert w.last() == 2
w.items.append(3)
assert v == [1, 2, 3]
""",
            ("self.items = items", "self.items = list(items)"),
        ),
        odd(
            "dictionary-is-kept-by-a-constructor",
            """
class Order:
    '''An order that does not change when the caller's dictionary does.'''
    ##
    def __init__(self, lines):
        self.lines = {name: list(counts) for name, counts in lines.items()}
    def count(self, name):
        return sum(self.lines[name])
""",
            """
d = {'a': [1, 2]}
o = candidate(d)
d['a'].append(5)
assert o.count('a') == 3
""",
            ("{name: list(counts) for name, counts in lines.items()}", "dict(lines)"),
            ("{name: list(counts) for name, counts in lines.items()}", "lines"),
        ),
        odd(
            "deep-copy",
            """
def cloned(tree):
    '''Return a copy of nested lists that shares nothing.'''
    ##
    return [cloned(item) if isinstance(item, list) else item for item in tree]
""",
            """
t = [1, [2, [3]]]
c = candidate(t)
assert c == t
c[1][1].append(4)
c[1][0] = 0
assert t == [1, [2, [3]]] and c == [1, [0, [3, 4]]]
""",
            ("[cloned(item) if isinstance(item, list) else item for item in tree]", "list(tree)"),
            (
                "cloned(item) if isinstance(item, list) else item",
                "list(item) if isinstance(item, list) else item",
            ),
        ),
        odd(
            "sorting-in-place",
            """
def order(values):
    '''Sort a list in place, and return None.'''
    ##
    values.sort()
""",
            """
v = w = [3, 1, 2]
assert candidate(v) is None and w == [1, 2, 3]
""",
            ("values.sort()", "values = sorted(values)"),
        ),
        odd(
            "sorting-a-copy",
            """
def order(values):
    '''Return the values in order; the list stays as it is.'''
    ##
    return sorted(values)
""",
            """
v = [3, 1, 2]
assert candidate(v) == [1, 2, 3] and v == [3, 1, 2]
""",
            ("return sorted(values)", "values.sort()\n    return values"),
        ),
        odd(
            "removal-in-place",
            """
def keep_odd(values):
    '''Remove the even numbers from the list itself.'''
    ##
    values[:] = [value for value in values if value % 2]
""",
            """
v = [2, 4, 5, 6, 7]
w = v
candidate(v)
assert w == [5, 7]
""",
            ("values[:] =", "values ="),
            (
                "values[:] = [value for value in values if value % 2]",
                "for value in values:\n        if value % 2 == 0:\n"
                "            values.remove(value)",
            ),
        ),
        odd(
            "generator-leaves-its-argument",
            """
def backwards(items):
    '''Yield the items from the end; the list stays as it is.'''
    ##
    for item in reversed(items):
        yield item
""",
            """
v = [1, 2, 3]
assert list(candidate(v)) == [3, 2, 1] and v == [1, 2, 3]
""",
            (
                "for item in reversed(items):\n        yield item",
                "while items:\n        yield items.pop()",
            ),
        ),
        odd(
            "generator-empties-its-argument",
            """
def drain(items):
    '''Yield and remove the items, one at a time.'''
    ##
    while items:
        yield items.pop(0)
""",
            """
v = [1, 2, 3]
g = candidate(v)
assert v == [1, 2, 3] and next(g) == 1 and v == [2, 3]
v.append(4)
assert list(g) == [2, 3, 4] and v == []
""",
            ("while items:\n        yield items.pop(0)", "yield from items"),
            (
                "while items:\n        yield items.pop(0)",
                "for item in list(items):\n        yield item\n        items.clear()",
            ),
        ),
        odd(
            "subclass-of-a-dictionary-is-changed",
            """
def stamp(record):
    '''Set the key `stamp` in the record itself.'''
    ##
    record['stamp'] = len(record)
""",
            """
class Record(dict):
    sets = 0
    def __setitem__(self, key, value):
        self.sets += 1
        super().__setitem__(key, value)
r = Record(a=1)
candidate(r)
assert r == {'a': 1, 'stamp': 1} and r.sets == 1
""",
            ("record['stamp'] = len(record)", "record.update(stamp=len(record))"),
            ("record['stamp'] = len(record)", "record = {**record, 'stamp': len(record)}"),
        ),
        odd(
            "subclass-of-a-list-is-changed",
            """
def extend(items, n):
    '''Append the numbers below n to the list itself.'''
    ##
    for number in range(n):
        items.append(number)
""",
            """
class Noted(list):
    pass
items = Noted([9])
items.note = 'x'
candidate(items, 2)
assert items == [9, 0, 1] and items.note == 'x' and type(items) is Noted
""",
            ("items.append(number)", "items = items + [number]"),
        ),
        odd(
            "bytes-are-changed",
            """
def mask(data):
    '''Overwrite a bytearray with zeros and append its former length.'''
    ##
    size = len(data)
    data[:] = bytes(size)
    data.append(size)
""",
            """
d = e = bytearray(b'abc')
candidate(d)
assert e == b'\\0\\0\\0\\x03'
""",
            ("data[:] =", "data ="),
        ),
        odd(
            "collections-are-changed",
            """
def play(deck, counts, seen):
    '''Move the first card to the end, count it, and note it in a set.'''
    ##
    deck.rotate(-1)
    counts[deck[-1]] += 1
    seen.add(deck[-1])
""",
            """
from collections import Counter, defaultdict, deque
d, c, s = deque('abc'), Counter(), set()
k = defaultdict(int)
candidate(d, c, s)
candidate(d, k, s)
assert d == deque('cab') and c == {'a': 1} and k == {'b': 1} and s == {*'ab'}
""",
            ("deck.rotate(-1)", "deck = deck.copy()\n    deck.rotate(-1)"),
            ("counts[deck[-1]] += 1", "counts[deck[0]] += 1"),
        ),
        odd(
            "changed-after-it-was-stored",
            """
class Inbox:
    '''Stores messages as they were when they came.'''
    ##
    def __init__(self):
        self.stored = []
    def put(self, message):
        self.stored.append(dict(message))
    def all(self):
        return [dict(message) for message in self.stored]
""",
            """
i, m = candidate(), {'n': 1}
i.put(m)
m['n'] = 2
i.put(m)
assert [x['n'] for x in i.all()] == [1, 2]
i.all()[0]['n'] = 9
assert i.all()[0]['n'] == 1
""",
            ("self.stored.append(dict(message))", "self.stored.append(message)"),
            ("[dict(message) for message in self.stored]", "list(self.stored)"),
        ),
        odd(
            "two-arguments-that-are-one",
            """
def transfer(source, target):
    '''Move all items from one list to another, which may be the same.'''
    ##
    if source is not target:
        target.extend(source)
        source.clear()
""",
            """
a, b = [1, 2], [3]
candidate(a, b)
assert (a, b) == ([], [3, 1, 2])
candidate(b, b)
assert b == [3, 1, 2]
""",
            ("if source is not target:", "if True:"),
            ("if source is not target:", "if source != target:\n        source = list(source)"),
        ),
        odd(
            "list-inside-the-argument-comes-in",
            """
def attach(parent, child):
    '''Append the child itself to the parent's children.'''
    ##
    parent['children'].append(child)
""",
            """
p, c = {'children': []}, {'name': 'c'}
candidate(p, c)
c['name'] = 'd'
assert p['children'][0] is c and p['children'][0]['name'] == 'd'
""",
            (".append(child)", ".append(dict(child))"),
        ),
    ),
)

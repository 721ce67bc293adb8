"""Identity of what a program keeps and returns."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "identity of kept values",
        odd(
            "kept-list",
            """
SHARED = []

def shared():
    '''Return the one shared list.'''
    ##
    return SHARED
""",
            """
a = candidate()
assert a is candidate()
a.append(1)
assert candidate() == [1]
""",
            ("return SHARED", "return list(SHARED)"),
        ),
        odd(
            "fresh-list",
            """
def fresh():
    '''Return a new empty list.'''
    ##
    return []
""",
            """
a = candidate()
assert a == [] and a is not candidate()
a.append(1)
assert candidate() == []
""",
            ("return []", "return KEPT\n\nKEPT = []"),
        ),
        odd(
            "kept-object",
            """
def logger(name):
    '''Return the logger of a name: always the same object.'''
    ##
    return LOGGERS.setdefault(name, Logger())

class Logger:
    pass
LOGGERS = {}
""",
            """
a, b = candidate('a'), candidate('b')
assert a is candidate('a') and a is not b
assert len({a, b, candidate('b')}) == 2 and a == candidate('a') != b
""",
            ("LOGGERS.setdefault(name, Logger())", "Logger()"),
            ("LOGGERS.setdefault(name, Logger())", "LOGGERS.setdefault('', Logger())"),
        ),
        odd(
            "kept-list-inside-an-object",
            """
class Diary:
    '''A diary. `pages` is its own list.'''
    ##
    def __init__(self):
        self.pages = []
    def write(self, page):
        self.pages.append(page)
""",
            """
d = candidate()
pages = d.pages
d.write('a')
pages.append('b')
d.write('c')
assert d.pages is pages and pages == ['a', 'b', 'c']
""",
            ("self.pages.append(page)", "self.pages = [*self.pages, page]"),
        ),
        odd(
            "item-of-a-kept-list",
            """
ROWS = [[0], [0]]

def row(n):
    '''Return row n of the table itself.'''
    ##
    return ROWS[n]
""",
            """
a = candidate(1)
a[0] = 7
assert candidate(1) == [7] and candidate(0) == [0]
assert ROWS[1] is candidate(1)
""",
            ("return ROWS[n]", "return ROWS[n][:]"),
        ),
        odd(
            "cached-result-is-the-same",
            """
from functools import lru_cache

@lru_cache(maxsize=None)
def config(name):
    '''Return the configuration of a name, made once.'''
    ##
    return {'name': name}
""",
            """
a = candidate('x')
assert a is candidate('x') and a is not candidate('y')
a['port'] = 1
assert candidate('x') == {'name': 'x', 'port': 1}
""",
            ("return {'name': name}", "return {'name': name, **{}}\nconfig = config.__wrapped__"),
        ),
        odd(
            "argument-comes-back",
            """
def tagged(record):
    '''Tag the record and return it.'''
    ##
    record['tag'] = True
    return record
""",
            """
r = {'id': 1}
s = candidate(r)
assert s is r
s['more'] = 2
assert r == {'id': 1, 'tag': True, 'more': 2}
""",
            ("return record", "return dict(record)"),
            ("record['tag'] = True\n", "record = {**record, 'tag': True}\n"),
        ),
        odd(
            "part-of-the-argument-comes-back",
            """
def longest(rows):
    '''Return the longest row itself.'''
    ##
    return max(rows, key=len)
""",
            """
rows = [[1], [2, 3], [4]]
r = candidate(rows)
assert r is rows[1]
r.clear()
assert rows == [[1], [], [4]]
""",
            ("max(rows, key=len)", "list(max(rows, key=len))"),
        ),
        odd(
            "none-is-none",
            """
def find(items, wanted):
    '''Return the item itself that equals the wanted one, or None.'''
    ##
    for item in items:
        if item == wanted:
            return item
    return None
""",
            """
class Same:
    def __eq__(self, other): return True
    __hash__ = None
a, b = Same(), Same()
assert candidate([a], b) is a and candidate([], b) is None
""",
            ("return item\n", "return wanted\n"),
        ),
    ),
)

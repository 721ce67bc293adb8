"""Results that a program keeps, and that a test may or may not change for it."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "results that the program keeps",
        odd(
            "list-inside-is-not-given-away",
            """
class Roster:
    '''A list of names; `names()` returns a copy.'''
    ##
    def __init__(self):
        self._names = []
    def add(self, name):
        self._names.append(name)
    def names(self):
        return list(self._names)
""",
            """
r = candidate()
r.add('a')
r.names().append('b')
assert r.names() == ['a']
before = r.names()
r.add('c')
assert before == ['a'] and r.names() == ['a', 'c']
""",
            ("return list(self._names)", "return self._names"),
        ),
        odd(
            "settings-are-copied",
            """
DEFAULTS = {'depth': 1}

def options():
    '''Return a new dictionary of the defaults.'''
    ##
    return dict(DEFAULTS)
""",
            """
o = candidate()
o['depth'] = 9
assert candidate() == {'depth': 1} == DEFAULTS
""",
            ("return dict(DEFAULTS)", "return DEFAULTS"),
        ),
        odd(
            "inner-lists-are-copied",
            """
import copy
BOARD = [['', ''], ['', '']]

def board():
    '''Return an empty board that belongs to the caller.'''
    ##
    return copy.deepcopy(BOARD)
""",
            """
b = candidate()
b[0][0] = 'x'
assert candidate() == [['', ''], ['', '']]
""",
            ("copy.deepcopy(BOARD)", "copy.copy(BOARD)"),
            ("copy.deepcopy(BOARD)", "[row for row in BOARD]"),
        ),
        odd(
            "rows-of-their-own",
            """
def grid(rows, columns):
    '''Return a table of zeros.'''
    ##
    return [[0] * columns for _ in range(rows)]
""",
            """
g = candidate(2, 2)
g[0][1] = 5
assert g == [[0, 5], [0, 0]]
""",
            ("[[0] * columns for _ in range(rows)]", "[[0] * columns] * rows"),
        ),
        odd(
            "lists-of-a-dictionary",
            """
def empty_groups(names):
    '''Return a dictionary with an empty list for each name.'''
    ##
    return {name: [] for name in names}
""",
            """
g = candidate('ab')
g['a'].append(1)
assert g == {'a': [1], 'b': []}
""",
            ("{name: [] for name in names}", "dict.fromkeys(names, [])"),
        ),
        odd(
            "default-list",
            """
def collect(item, into=None):
    '''Append to a list, by default to a new one.'''
    ##
    into = [] if into is None else into
    into.append(item)
    return into
""",
            """
assert candidate(1) == [1] and candidate(2) == [2]
x = [0]
assert candidate(3, x) is x and x == [0, 3]
""",
            ("[] if into is None else into", "collect.__dict__.setdefault('kept', [])"),
        ),
        odd(
            "default-of-a-constructor",
            """
class Team:
    '''A team with members.'''
    ##
    def __init__(self, members=None):
        self.members = list(members or ())
    def join(self, name):
        self.members.append(name)
""",
            """
a, b = candidate(), candidate()
a.join('x')
assert a.members == ['x']
assert b.members == [] == candidate().members
c = ['y']
d = candidate(c)
d.join('z')
assert c == ['y'] and d.members == ['y', 'z']
""",
            (
                "members=None):\n        self.members = list(members or ())",
                "members=[]):\n        self.members = list(members) if members else members",
            ),
            (
                "self.members = list(members or ())",
                "self.members = [] if members is None else members",
            ),
        ),
        odd(
            "list-on-the-class",
            """
class Node:
    '''A node with children of its own.'''
    ##
    def __init__(self):
        self.children = []
    def add(self):
        self.children.append(Node())
        return self.children[-1]
""",
            """
a, b = candidate(), candidate()
a.add()
assert len(a.children) == 1
assert b.children == [] and a.add().children == []
""",
            ("def __init__(self):\n        self.children = []", "children = []"),
        ),
        odd(
            "memory-does-not-leak",
            """
def divisors(n):
    '''Return the divisors of n.'''
    ##
    if n not in KNOWN:
        KNOWN[n] = [d for d in range(1, n + 1) if n % d == 0]
    return KNOWN[n][:]

KNOWN = {}
""",
            """
d = candidate(6)
d.remove(6)
assert candidate(6) == [1, 2, 3, 6]
""",
            ("return KNOWN[n][:]", "return KNOWN[n]"),
        ),
        odd(
            "cached-list-does-not-leak",
            """
from functools import lru_cache

def prefixes(text):
    '''Return all prefixes.'''
    ##
    return list(_prefixes(text))

@lru_cache(None)
def _prefixes(text):
    return [text[:n] for n in range(len(text) + 1)]
""",
            """
p = candidate('ab')
p.clear()
assert candidate('ab') == ['', 'a', 'ab']
""",
            ("list(_prefixes(text))", "_prefixes(text)"),
        ),
        odd(
            "snapshots",
            """
class Editor:
    '''An editor with undo.'''
    ##
    def __init__(self):
        self.lines, self.history = [], []
    def type(self, line):
        self.history.append(self.lines[:])
        self.lines.append(line)
    def undo(self):
        self.lines = self.history.pop()
""",
            """
e = candidate()
e.type('a')
e.type('b')
e.undo()
assert e.lines == ['a']
e.undo()
assert e.lines == []
""",
            ("self.lines[:]", "self.lines"),
        ),
        odd(
            "set-and-dictionary-views",
            """
class Index:
    '''Words with their lines; `lines(word)` is the caller's own set.'''
    ##
    def __init__(self):
        self.found = {}
    def note(self, word, line):
        self.found.setdefault(word, set()).add(line)
    def lines(self, word):
        return set(self.found.get(word, ()))
""",
            """
i = candidate()
i.note('a', 1)
s = i.lines('a')
s.add(2)
assert i.lines('a') == {1}
i.note('a', 3)
assert s == {1, 2} and i.lines('a') == {1, 3}
""",
            ("return set(self.found.get(word, ()))", "return self.found.get(word, set())"),
        ),
        odd(
            "permutations-are-copied",
            """
def subsets(items):
    '''Return all subsets as lists.'''
    ##
    found, chosen = [], []
    def visit(at):
        if at == len(items):
            found.append(chosen[:])
            return
        visit(at + 1)
        chosen.append(items[at])
        visit(at + 1)
        chosen.pop()
    visit(0)
    return found
""",
            """
assert sorted(candidate([1, 2])) == [[], [1], [1, 2], [2]]
""",
            ("chosen[:]", "chosen"),
        ),
        odd(
            "same-list-under-two-names",
            """
def start():
    '''Return a record whose `first` and `last` are different empty lists.'''
    ##
    return {'first': [], 'last': []}
""",
            """
r = candidate()
r['first'].append(1)
assert r['last'] == []
""",
            ("{'first': [], 'last': []}", "dict.fromkeys(('first', 'last'), [])"),
        ),
    ),
)

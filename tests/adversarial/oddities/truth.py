"""Truth of objects, which may change and may fail."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "truth of objects",
        odd(
            "truth-changes-with-the-object",
            """
class Tray:
    '''A tray that is true while it holds something.'''
    ##
    def __init__(self):
        self.held = 0
    def lay(self):
        self.held += 1
    def lift(self):
        self.held -= 1
    def __bool__(self):
        return self.held > 0
""",
            """
t = candidate()
assert not t
t.lay()
assert t
t.lift()
assert not t
""",
            ("self.held -= 1", "pass"),
            ("self.held += 1", "pass"),
            ("self.held > 0", "True"),
        ),
        odd(
            "loop-until-empty",
            """
class Queue:
    '''A queue with push, pull and a length.'''
    ##
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
    def pull(self):
        return self.items.pop(0)
    def __len__(self):
        return len(self.items)
""",
            """
q = candidate('ab')
q.push('c')
out = []
while q:
    out.append(q.pull())
    assert len(out) < 9
assert out == ['a', 'b', 'c'] and not q and len(q) == 0
""",
            ("self.items.pop(0)", "self.items.pop()"),
            ("self.items.pop(0)", "self.items[0]"),
        ),
        odd(
            "truth-by-length-at-its-making",
            """
class Stack:
    '''A stack. It is false when it is empty.'''
    ##
    def __init__(self):
        self._items = []
    def push(self, item):
        self._items.append(item)
        return self
    def clear(self):
        self._items.clear()
    def __len__(self):
        return len(self._items)
""",
            """
s = candidate().push(1)
assert s
s.clear()
assert not s
assert [x for x in (candidate(), candidate().push(0)) if x][0].push(1) is not None
assert len(list(filter(None, [candidate(), candidate().push(0)]))) == 1
""",
            ("self._items.clear()", "self._items = self._items[:]"),
        ),
        odd(
            "truth-in-any-and-all",
            """
def lamps(states):
    '''Return objects that are true if their state is.'''
    ##
    class Lamp:
        def __init__(self, on):
            self.on = on
        def toggle(self):
            self.on = not self.on
        def __bool__(self):
            return self.on
    return [Lamp(state) for state in states]
""",
            """
a, b = candidate([True, False])
assert any([a, b]) and not all([a, b])
b.toggle()
assert all([a, b])
a.toggle()
assert (a or b) is b and (a and b) is a and not a
""",
            ("self.on = not self.on", "self.on = True"),
            ("return self.on", "return True"),
        ),
        odd(
            "truth-that-raises",
            """
def strict(known):
    '''Return an object whose truth is known, or raises ValueError if it is None.'''
    ##
    class Strict:
        def __bool__(self):
            if known is None:
                raise ValueError('unknown')
            return known
    return Strict()
""",
            """
assert candidate(True) and not candidate(False)
try:
    bool(candidate(None))
except ValueError as error:
    assert str(error) == 'unknown'
else:
    assert False
""",
            ("raise ValueError('unknown')", "return True"),
            ("raise ValueError('unknown')", "raise TypeError('unknown')"),
        ),
        odd(
            "truth-is-a-boolean",
            """
def answer(word):
    '''Return an object that is true for yes.'''
    ##
    class Answer:
        def __bool__(self):
            return word == 'yes'
    return Answer()
""",
            """
assert candidate('yes')
assert not candidate('no')
""",
            ("word == 'yes'", "word"),
            ("word == 'yes'", "1 if word == 'yes' else 0"),
        ),
        odd(
            "length-is-a-count",
            """
def heap(n):
    '''Return an object of a length.'''
    ##
    class Heap:
        def __len__(self):
            return n
    return Heap()
""",
            """
assert candidate(2) and not candidate(0) and len(candidate(5)) == 5
""",
            ("return n", "return -n"),
            ("return n", "return float(n)"),
        ),
        odd(
            "truth-counts-its-questions",
            """
def probe():
    '''Return an object that is true on every second question.'''
    ##
    class Probe:
        asked = 0
        def __bool__(self):
            self.asked += 1
            return self.asked % 2 == 0
    return Probe()
""",
            """
p = candidate()
assert [bool(p) for _ in range(4)] == [False, True, False, True]
assert p.asked == 4
""",
            ("self.asked % 2 == 0", "self.asked > 1"),
        ),
        odd(
            "objects-without-truth-are-true",
            """
def mark(n):
    '''Return an object with the attribute `n`.'''
    ##
    class Mark:
        pass
    made = Mark()
    made.n = n
    return made
""",
            """
m = candidate(0)
assert m and m.n == 0 and (m or 5) is m
""",
            ("pass\n", "def __bool__(self): return self.n > 0\n"),
        ),
        odd(
            "comparison-that-returns-an-object",
            """
class Column:
    '''A column whose comparisons give texts.'''
    ##
    def __init__(self, name):
        self.name = name
    def __eq__(self, other):
        return f'{self.name} = {other}'
    def __gt__(self, other):
        return f'{self.name} > {other}'
""",
            """
c = candidate('age')
assert (c == 3) == 'age = 3' and (c > 4) == 'age > 4'
""",
            ("f'{self.name} = {other}'", "True"),
            ("{self.name} > {other}", "{other} > {self.name}"),
        ),
    ),
)

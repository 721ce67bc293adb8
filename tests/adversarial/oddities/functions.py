"""Functions as results, and functions and objects of the test as arguments."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "functions as results",
        odd(
            "list-of-functions",
            """
def multipliers(n):
    '''Return functions that multiply by 0, 1, ..., n - 1.'''
    ##
    return [lambda x, by=by: x * by for by in range(n)]
""",
            """
assert [f(10) for f in candidate(4)] == [0, 10, 20, 30]
""",
            ("lambda x, by=by: x * by", "lambda x: x * by"),
        ),
        odd(
            "dictionary-of-functions",
            """
def operations():
    '''Return functions by name.'''
    ##
    return {'twice': lambda x: x + x, 'first': lambda x: x[0], 'none': lambda *x: None}
""",
            """
o = candidate()
assert o['twice']('ab') == 'abab' and o['first']([7]) == 7
assert sorted(o) == ['first', 'none', 'twice'] and o['none'](1, 2) is None
""",
            ("x[0]", "x[-1:]"),
        ),
        odd(
            "functions-that-share-state",
            """
def counter():
    '''Return a pair: one function counts up, the other reads.'''
    ##
    n = 0
    def up(by=1):
        nonlocal n
        n += by
    return up, lambda: n
""",
            """
up, read = candidate()
up()
up(by=4)
assert read() == 5
other, look = candidate()
other()
assert look() == 1 and read() == 5
""",
            (
                "n = 0\n    def up(by=1):\n        nonlocal n",
                "global n\n    n = 0\n    def up(by=1):\n        global n",
            ),
        ),
        odd(
            "curried",
            """
def curry(function, count):
    '''Return the function as one that takes its arguments one by one.'''
    ##
    def take(*args):
        return function(*args) if len(args) == count else lambda x: take(*args, x)
    return take()
""",
            """
assert candidate(lambda a, b, c: (a, b, c), 3)(1)(2)(3) == (1, 2, 3)
half = candidate(divmod, 2)(7)
assert half(2) == (3, 1) and half(7) == (1, 0)
""",
            ("take(*args, x)", "take(x, *args)"),
        ),
        odd(
            "wrapped-function-counts",
            """
import functools

def counted(function):
    '''Decorate a function so that `calls` counts its calls.'''
    ##
    @functools.wraps(function)
    def inner(*args, **more):
        inner.calls += 1
        return function(*args, **more)
    inner.calls = 0
    return inner
""",
            """
@candidate
def add(a, b=1):
    'Add.'
    return a + b
assert add(1) == 2 and add(1, b=4) == 5 and add.calls == 2
assert add.__name__ == 'add' and add.__doc__ == 'Add.' and add.__wrapped__(2) == 3
assert add.calls == 2
""",
            ("inner.calls += 1", "inner.calls = 1"),
            ("@functools.wraps(function)\n    ", ""),
        ),
        odd(
            "decorator-with-arguments",
            """
def retry(times, *errors):
    '''Decorate a function so that it is called again, up to `times` times.'''
    ##
    def decorate(function):
        def inner(*args):
            for left in reversed(range(times)):
                try:
                    return function(*args)
                except errors:
                    if not left:
                        raise
        return inner
    return decorate
""",
            """
tries = []
@candidate(3, KeyError)
def work(n):
    tries.append(n)
    if len(tries) < n:
        raise KeyError(len(tries))
    return 'ok'
assert work(2) == 'ok' and tries == [2, 2]
tries.clear()
try:
    work(9)
except KeyError as error:
    assert error.args == (3,) and len(tries) == 3
else:
    assert False
""",
            ("reversed(range(times))", "reversed(range(times + 1))"),
            (
                "if not left:\n                        raise",
                "if not left:\n                        return",
            ),
        ),
        odd(
            "memoised-by-a-decorator",
            """
def remembered(function):
    '''Call the function once for each argument.'''
    ##
    known = {}
    def inner(x):
        if x not in known:
            known[x] = function(x)
        return known[x]
    inner.known = known
    return inner
""",
            """
seen = []
@candidate
def square(x):
    seen.append(x)
    return x * x
assert [square(n) for n in (2, 3, 2)] == [4, 9, 4] and seen == [2, 3]
assert square.known == {2: 4, 3: 9}
""",
            ("if x not in known:", "if True:"),
        ),
        odd(
            "composition",
            """
def compose(*functions):
    '''Return the composition: the last function is called first.'''
    ##
    def inner(x):
        for function in reversed(functions):
            x = function(x)
        return x
    return inner
""",
            """
assert candidate(str, len, list)('abc') == '3' and candidate()(5) == 5
assert candidate(lambda x: x * 2, lambda x: x + 1)(3) == 8
""",
            ("reversed(functions)", "functions"),
        ),
        odd(
            "function-comes-back",
            """
def register(function):
    '''Note a function and return it unchanged.'''
    ##
    NOTED.append(function)
    return function

NOTED = []
""",
            """
def go(): return 4
assert candidate(go) is go and candidate(len) is len
@candidate
def more(): return 5
assert more() == 5 and more.__name__ == 'more'
""",
            ("return function", "return lambda *args: function(*args)"),
        ),
        odd(
            "sort-key",
            """
def by(*names):
    '''Return a key function that sorts records by these fields.'''
    ##
    return lambda record: tuple(record[name] for name in names)
""",
            """
r = [{'a': 2, 'b': 1}, {'a': 1, 'b': 2}, {'a': 1, 'b': 1}]
assert sorted(r, key=candidate('a', 'b')) == [r[2], r[1], r[0]]
assert min(r, key=candidate('b')) is r[0]
""",
            ("for name in names", "for name in reversed(names)"),
        ),
    ),
    *kind(
        "functions and objects of the test as arguments",
        odd(
            "duck",
            """
def describe(thing):
    '''Return name and size of anything that has both.'''
    ##
    return f'{thing.name} ({thing.size()})'
""",
            """
class Thing:
    name = 'box'
    def size(self): return 3
assert candidate(Thing()) == 'box (3)'
from types import SimpleNamespace
assert candidate(SimpleNamespace(name='n', size=lambda: 0)) == 'n (0)'
""",
            ("thing.size()", "thing.size"),
        ),
        odd(
            "mock",
            """
def notify(sender, names):
    '''Send a greeting to each name.'''
    ##
    return [sender.send(name, text='hi') for name in names]
""",
            """
from unittest.mock import Mock, call
m = Mock()
m.send.side_effect = [1, 2]
assert candidate(m, 'ab') == [1, 2]
assert m.send.call_args_list == [call('a', text='hi'), call('b', text='hi')]
""",
            ("text='hi'", "'hi'"),
        ),
        odd(
            "class-as-an-argument",
            """
def make(cls, *args):
    '''Return two objects of a class.'''
    ##
    return cls(*args), cls(*args)
""",
            """
class Point:
    def __init__(self, x): self.x = x
a, b = candidate(Point, 4)
assert type(a) is Point is type(b) and a is not b and b.x == 4
assert candidate(list) == ([], []) and candidate(complex, 1, 2)[0] == 1 + 2j
""",
            ("cls(*args), cls(*args)", "(cls(*args),) * 2"),
        ),
        odd(
            "types-as-arguments",
            """
def only(values, *types):
    '''Return the values of these types.'''
    ##
    return [value for value in values if isinstance(value, types)]
""",
            """
assert candidate([1, 'a', None, 2.5], int, str) == [1, 'a']
from numbers import Number
assert candidate([1, 'a', 2j], Number) == [1, 2j]
""",
            ("isinstance(value, types)", "type(value) is types[0]"),
        ),
        odd(
            "partial-and-method",
            """
def apply(function, *args):
    '''Call a function with the arguments.'''
    ##
    return function(*args)
""",
            """
from functools import partial
from operator import attrgetter, itemgetter
assert candidate(partial(int, base=2), '101') == 5 and candidate(itemgetter(1), 'ab') == 'b'
assert candidate('a-b'.split, '-') == ['a', 'b'] and candidate(attrgetter('imag'), 2j) == 2
assert candidate([3].append, 1) is None and candidate(str.upper, 'x') == 'X'
""",
            ("function(*args)", "function(*args[:1]) or args"),
        ),
        odd(
            "callback-that-raises",
            """
def safe(function, default):
    '''Return the function's result, or the default if it raises LookupError.'''
    ##
    try:
        return function()
    except LookupError:
        return default
""",
            """
assert candidate(lambda: {}['x'], 1) == 1 and candidate(lambda: [][0], 2) == 2
class Odd(Exception): pass
def bad(): raise Odd('why', 3)
try:
    candidate(bad, 0)
except Odd as error:
    assert error.args == ('why', 3)
else:
    assert False
""",
            ("except LookupError:", "except Exception:"),
        ),
        odd(
            "callback-calls-back",
            """
def fold(items, step):
    '''Call step(value, again) for each item, where again(x) folds x, too.'''
    ##
    return [step(item, lambda more: fold(more, step)) for item in items]
""",
            """
def step(x, again): return again(x) if isinstance(x, list) else x + 1
assert candidate([1, [2, [3]], 4], step) == [2, [3, [4]], 5]
""",
            ("fold(more, step)", "[step(one, None) for one in more]"),
        ),
        odd(
            "set-of-objects",
            """
def unique(items):
    '''Return the items without repetition, in their order.'''
    ##
    return list(dict.fromkeys(items))
""",
            """
class Name:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other.n
    def __hash__(self): return hash(self.n)
a, b, c = Name(1), Name(2), Name(1)
assert candidate([a, b, c]) == [a, b]
assert candidate([a, b, c])[0] is a and len(candidate([b, a])) == 2
""",
            ("list(dict.fromkeys(items))", "list(set(map(id, items)))"),
            (
                "list(dict.fromkeys(items))",
                "[x for n, x in enumerate(items) if x not in items[n + 1:]]",
            ),
        ),
        odd(
            "comparison-function",
            """
from functools import cmp_to_key

def arrange(items, compare):
    '''Sort with a comparison function.'''
    ##
    return sorted(items, key=cmp_to_key(compare))
""",
            """
assert candidate([3, 30, 34], lambda a, b: -1 if f'{a}{b}' > f'{b}{a}' else 1) == [34, 3, 30]
""",
            ("cmp_to_key(compare)", "cmp_to_key(lambda a, b: compare(b, a))"),
        ),
        odd(
            "file-like",
            """
def numbered(source, target):
    '''Copy lines with their numbers.'''
    ##
    for number, line in enumerate(source, 1):
        target.write(f'{number} {line}')
    return target.tell()
""",
            """
import io
out = io.StringIO()
assert candidate(io.StringIO('a\\nb\\n'), out) == 8
assert out.getvalue() == '1 a\\n2 b\\n'
""",
            ("enumerate(source, 1)", "enumerate(source)"),
        ),
    ),
)

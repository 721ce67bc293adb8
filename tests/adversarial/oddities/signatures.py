"""Attributes, signatures and caches of the entry point."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "attributes of the entry point",
        odd(
            "keyword-only",
            """
def cut(text, *, size=2, end='.'):
    '''Shorten a text.'''
    ##
    return text[:size] + end
""",
            """
assert candidate('abc') == 'ab.' and candidate('abc', end='', size=1) == 'a'
assert candidate.__kwdefaults__ == {'size': 2, 'end': '.'}
try:
    candidate('abc', 1)
except TypeError:
    pass
else:
    assert False
""",
            (
                "return text[:size] + end\n",
                "return text[:size] + end\n\n"
                "def cut(text, size=2, end='.'):\n    return text[:size] + end\n",
            ),
        ),
        odd(
            "signature",
            """
def scale(values, by: float = 2.0, *more, exact: bool = False) -> list:
    '''Scale the values.'''
    ##
    return [value * by for value in values]
""",
            """
import inspect
s = inspect.signature(candidate)
assert list(s.parameters) == ['values', 'by', 'more', 'exact']
assert s.parameters['by'].default == 2.0 and candidate([1]) == [2.0]
assert s.parameters['exact'].kind is inspect.Parameter.KEYWORD_ONLY
""",
            (
                "return [value * by for value in values]\n",
                "return [value * by for value in values]\n\n"
                "scale = (lambda f: lambda *args, **more: f(*args, **more))(scale)\n",
            ),
        ),
        odd(
            "defaults-and-annotations",
            """
def grow(n: int, by: int = 3) -> int:
    '''Add.'''
    ##
    return n + by
""",
            """
assert candidate.__defaults__ == (3,) and candidate(1) == 4
assert candidate.__annotations__ == {'n': int, 'by': int, 'return': int}
assert candidate.__code__.co_argcount == 2 and candidate.__doc__ == 'Add.'
""",
            (
                "return n + by\n",
                "return n + by\n\ndef grow(n, by=3):\n    'Add.'\n    return n + by\n",
            ),
        ),
        odd(
            "generator-function",
            """
def bits(n):
    '''Yield the bits of n from the lowest.'''
    ##
    while n:
        yield n & 1
        n >>= 1
""",
            """
import inspect
assert inspect.isgeneratorfunction(candidate)
assert list(candidate(6)) == [0, 1, 1]
""",
            (
                "while n:\n        yield n & 1\n        n >>= 1",
                "return iter([int(bit) for bit in bin(n)[:1:-1]])",
            ),
        ),
        odd(
            "cache-that-counts",
            """
from functools import lru_cache

@lru_cache(maxsize=2)
def slow(n):
    '''Return n squared, with a cache of two.'''
    ##
    return n * n
""",
            """
assert [candidate(n) for n in (1, 2, 1, 3, 2)] == [1, 4, 1, 9, 4]
i = candidate.cache_info()
assert (i.hits, i.misses, i.currsize) == (1, 4, 2)
candidate.cache_clear()
assert candidate.cache_info().hits == 0
assert candidate.__wrapped__(5) == 25
""",
            (
                "return n * n\n",
                "return n * n\n\nslow = lru_cache(maxsize=None)(slow.__wrapped__)\n",
            ),
            ("return n * n\n", "return n * n\n\nslow = slow.__wrapped__\n"),
        ),
        odd(
            "attribute-that-counts",
            """
def ask(question):
    '''Count the questions in the function's attribute `asked`.'''
    ##
    ask.asked = getattr(ask, 'asked', 0) + 1
    return question[::-1]
""",
            """
assert candidate('ab') == 'ba' and candidate.asked == 1
candidate.asked = 10
candidate('')
assert candidate.asked == 11
""",
            ("getattr(ask, 'asked', 0) + 1", "1"),
        ),
        odd(
            "dispatch-by-type",
            """
from functools import singledispatch

@singledispatch
def kind(value):
    '''Return the kind of a value.'''
    ##
    return 'other'

@kind.register(int)
def _(value):
    return 'number'

@kind.register(list)
def _(value):
    return [kind(item) for item in value]
""",
            """
assert candidate(3) == 'number' and candidate([1, 'a', [2]]) == ['number', 'other', ['number']]
assert candidate.dispatch(bool)(True) == 'number' and int in candidate.registry
""",
            ("@kind.register(list)", "@kind.register(tuple)"),
        ),
        odd(
            "recursion-through-the-name",
            """
def depth(tree):
    '''Return the depth of nested lists.'''
    ##
    return 1 + max(map(depth, tree), default=0) if isinstance(tree, list) else 0

""",
            """
assert candidate([1, [2, []]]) == 3 and candidate(5) == 0 and callable(candidate)
assert candidate.__name__ == 'depth' and candidate.__qualname__ == 'depth'
""",
            ("default=0", "default=1"),
        ),
        odd(
            "object-as-the-entry-point",
            """
def clamp(x):
    '''Keep x between 0 and `clamp.top`.'''
    ##

class Clamp:
    top = 5
    def __call__(self, x):
        return max(0, min(x, self.top))
clamp = Clamp()
""",
            """
assert candidate(9) == 5 and candidate(-1) == 0
candidate.top = 7
assert candidate(9) == 7 and type(candidate).__name__ == 'Clamp'
""",
            ("min(x, self.top)", "min(x, 5)"),
        ),
    ),
)

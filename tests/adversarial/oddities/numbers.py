"""Numbers, texts and order: values that are hard to carry."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "numbers, texts and order",
        odd(
            "special-floats",
            """
def edge(name):
    '''Return a special number.'''
    ##
    return {'nan': float('nan'), 'minus zero': -0.0, 'tiny': 5e-324, 'top': 1e308 * 10}[name]
""",
            """
import math
assert math.isnan(candidate('nan')) and candidate('nan') != candidate('nan')
assert math.copysign(1, candidate('minus zero')) == -1 and candidate('tiny') > 0
assert candidate('top') == math.inf
""",
            ("-0.0", "0.0"),
            ("5e-324", "5e-325"),
        ),
        odd(
            "nan-in-a-list",
            """
NAN = float('nan')
def readings():
    '''Return the readings, with NAN where one is missing.'''
    ##
    return [1.5, NAN, 2.5]
""",
            """
r = candidate()
assert r[1] != r[1] and sum(x == x for x in r) == 2
assert sorted(x for x in r if x == x) == [1.5, 2.5]
""",
            ("NAN, 2.5", "None, 2.5"),
        ),
        odd(
            "half-of-a-pair",
            """
def escape(data):
    '''Decode bytes so that no byte is lost.'''
    ##
    return data.decode('utf-8', 'surrogateescape')
""",
            """
assert candidate(b'a\\xff') == 'a\\udcff'
assert candidate(b'\\xe4').encode('utf-8', 'surrogateescape') == b'\\xe4'
""",
            ("surrogateescape", "replace"),
        ),
        odd(
            "keys-of-keys",
            """
def nested(pairs):
    '''Return a dictionary whose keys are frozen sets of tuples.'''
    ##
    return {frozenset({pair}): [pair] for pair in pairs}
""",
            """
d = candidate([(1, (2,)), ('a', None)])
assert d[frozenset({(1, (2,))})] == [(1, (2,))]
assert {type(k) for k in d} == {frozenset} and len(d) == 2
""",
            ("[pair] for", "pair for"),
        ),
        odd(
            "true-is-one-but-not-the-same",
            """
def flags(n):
    '''Return n flags, True and False in turn.'''
    ##
    return [i % 2 == 0 for i in range(n)]
""",
            """
f = candidate(3)
assert f == [1, 0, 1] and f[0] is True and f[1] is False
assert str(f) == '[True, False, True]'
""",
            ("i % 2 == 0", "1 - i % 2"),
        ),
        odd(
            "order-of-a-dictionary",
            """
def newest_first(entries):
    '''Return a dictionary in the reverse order.'''
    ##
    return dict(reversed(list(entries.items())))
""",
            """
d = candidate({'a': 1, 'b': 2})
assert list(d) == ['b', 'a'] and list(d.values()) == [2, 1]
assert str(d) == "{'b': 2, 'a': 1}"
""",
            ("dict(reversed(list(entries.items())))", "dict(entries)"),
        ),
        odd(
            "order-of-a-set",
            """
def listed(items):
    '''Return the items in the order of iteration.'''
    ##
    return tuple(items)
""",
            """
s = {21, 22, 23, 24, 25}
assert candidate(s) == tuple(s)
t = {'b', 'a', 'cc', 'd'}
assert candidate(t) == tuple(t)
f = frozenset(range(100, 0, -7))
assert candidate(f) == tuple(f)
""",
            ("tuple(items)", "tuple(sorted(items, key=str))"),
        ),
        odd(
            "set-is-not-in-order",
            """
def ordered(items):
    '''Return the items from the smallest.'''
    ##
    return tuple(sorted(items))
""",
            """
assert candidate({12, 13, 14, 15, 16}) == (12, 13, 14, 15, 16)
assert candidate({40, 8, 24, 16, 32}) == (8, 16, 24, 32, 40)
""",
            ("tuple(sorted(items))", "tuple(items)"),
        ),
        odd(
            "set-that-has-shrunk",
            """
def walk(items):
    '''Return the items of a set in the order of its iteration, and its size.'''
    ##
    return list(items), len(items)
""",
            """
s = {n * 7919 for n in range(100)}
for n in range(90):
    s.discard(n * 7919)
s |= {7, 3}
assert candidate(s) == (list(s), len(s))
""",
            ("list(items)", "sorted(items)"),
        ),
        odd(
            "hash-of-text",
            """
def bucket(text, n):
    '''Return the bucket of a text, by its hash.'''
    ##
    return hash(text) % n
""",
            """
assert [candidate(c, 5) for c in 'abcde'] == [hash(c) % 5 for c in 'abcde']
assert candidate((1, 'a'), 9) == hash((1, 'a')) % 9
""",
            ("hash(text) % n", "hash(text) % (n - 1)"),
        ),
        odd(
            "kinds-are-kept",
            """
def swapped(pair):
    '''Exchange two values and keep the kind of the container.'''
    ##
    return type(pair)((pair[1], pair[0]))
""",
            """
assert candidate((1, 2)) == (2, 1) and candidate([1, 2]) == [2, 1]
assert type(candidate([1, 2])) is list and type(candidate((1, 2))) is tuple
""",
            ("type(pair)((pair[1], pair[0]))", "(pair[1], pair[0])"),
        ),
        odd(
            "big-numbers",
            """
def tower(n):
    '''Return 7 ** n and its last digits as a text.'''
    ##
    return 7 ** n, str(7 ** n % 10 ** 6)
""",
            """
n, digits = candidate(6000)
assert n == 7 ** 6000 and digits == str(pow(7, 6000, 10 ** 6))
""",
            ("7 ** n, str", "7.0 ** min(n, 300), str"),
        ),
        odd(
            "list-that-holds-itself",
            """
def knot(x):
    '''Return a list of x and the list itself.'''
    ##
    found = [x]
    found.append(found)
    return found
""",
            """
k = candidate(5)
assert k[1] is k and k[1][1][0] == 5 and len(k) == 2
""",
            ("found.append(found)", "found.append([x, found])"),
        ),
        odd(
            "string-subclass",
            """
class Slug(str):
    '''A text in small letters with hyphens.'''
    ##
    def __new__(cls, text):
        return super().__new__(cls, '-'.join(text.lower().split()))
    @property
    def words(self):
        return self.split('-')
""",
            """
s = candidate('Two  Words')
assert s == 'two-words' and s.words == ['two', 'words']
assert isinstance(s, str) and s.upper() == 'TWO-WORDS' and {s: 1}['two-words'] == 1
""",
            ("text.lower().split()", "text.split()"),
        ),
    ),
)

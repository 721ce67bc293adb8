"""Values of the standard library's types."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "values of the standard library",
        odd(
            "uuid",
            """
import uuid
def name_id(name):
    '''Return the UUID of a name.'''
    ##
    return uuid.uuid5(uuid.NAMESPACE_DNS, name)
""",
            """
import uuid
u = candidate('a.b')
assert u == uuid.uuid5(uuid.NAMESPACE_DNS, 'a.b')
assert u.version == 5 and isinstance(u, uuid.UUID) and {u: 1}[candidate('a.b')] == 1
""",
            ("uuid.uuid5", "uuid.uuid3"),
            ("uuid.uuid5(uuid.NAMESPACE_DNS, name)", "str(uuid.uuid5(uuid.NAMESPACE_DNS, name))"),
        ),
        odd(
            "path",
            """
from pathlib import PurePosixPath
def sibling(path, name):
    '''Return the path of a file beside another.'''
    ##
    return path.with_name(name)
""",
            """
from pathlib import PurePosixPath as P
p = candidate(P('/a/b.txt'), 'c.md')
assert p == P('/a/c.md') and p.suffix == '.md' and str(p.parent) == '/a'
""",
            ("path.with_name(name)", "path / name"),
            ("path.with_name(name)", "str(path.with_name(name))"),
        ),
        odd(
            "fixed-time-zone",
            """
from datetime import timedelta, timezone
def zone(hours):
    '''Return a time zone.'''
    ##
    return timezone(timedelta(hours=hours))
""",
            """
from datetime import datetime, timedelta, timezone
assert candidate(0) == timezone.utc and candidate(-3) == timezone(timedelta(hours=-3))
assert datetime(2021, 1, 1, tzinfo=candidate(2)).isoformat() == '2021-01-01T00:00:00+02:00'
""",
            ("hours=hours", "minutes=hours"),
        ),
        odd(
            "aware-times",
            """
from datetime import datetime, timedelta, timezone
def arrival(start, hours):
    '''Return the arrival in UTC.'''
    ##
    return (start + timedelta(hours=hours)).astimezone(timezone.utc)
""",
            """
from datetime import datetime, timedelta, timezone
a = candidate(datetime(2020, 1, 1, 23, tzinfo=timezone(timedelta(hours=2))), 4)
assert a == datetime(2020, 1, 2, 1, tzinfo=timezone.utc) and a.hour == 1
assert a.tzinfo is timezone.utc
""",
            (".astimezone(timezone.utc)", ""),
            (".astimezone(timezone.utc)", ".replace(tzinfo=timezone.utc)"),
        ),
        odd(
            "counters",
            """
from collections import Counter
def left(have, used):
    '''Return what is left of a stock.'''
    ##
    stock = Counter(have)
    stock.subtract(used)
    return +stock
""",
            """
c = candidate('aabc', 'ab')
assert c == {'a': 1, 'c': 1} and c['z'] == 0
assert c.most_common() == [('a', 1), ('c', 1)] and c + c == {'a': 2, 'c': 2}
c.update('z')
assert sorted(c.elements()) == ['a', 'c', 'z']
""",
            ("return +stock", "return stock"),
            ("return +stock", "return dict(+stock)"),
        ),
        odd(
            "default-dictionary",
            """
from collections import defaultdict
def index(words):
    '''Return the words by first letter, as a defaultdict of lists.'''
    ##
    found = defaultdict(list)
    for word in words:
        found[word[0]].append(word)
    return found
""",
            """
d = candidate(['ab', 'b', 'ac'])
assert d == {'a': ['ab', 'ac'], 'b': ['b']}
d['z'].append('z')
assert d['z'] == ['z'] and d['y'] == [] and 'x' not in d
assert d.default_factory is list
""",
            ("return found", "return dict(found)"),
        ),
        odd(
            "chain-of-maps",
            """
from collections import ChainMap
def scope(inner, outer):
    '''Return one map in which the inner one wins.'''
    ##
    return ChainMap(inner, outer)
""",
            """
c = candidate({'a': 1}, {'a': 2, 'b': 3})
assert c == {'a': 1, 'b': 3} and c['b'] == 3
c['b'] = 4
assert c.maps[1]['b'] == 3 and c.parents['a'] == 2
""",
            ("ChainMap(inner, outer)", "ChainMap(outer, inner)"),
            ("ChainMap(inner, outer)", "{**outer, **inner}"),
        ),
        odd(
            "read-only-dictionary",
            """
from types import MappingProxyType
TABLE = {'a': 1}
def table():
    '''Return a read-only view of the table.'''
    ##
    return MappingProxyType(TABLE)
""",
            """
t = candidate()
assert t == {'a': 1} and dict(t) == {'a': 1}
try:
    t['a'] = 2
except TypeError:
    pass
else:
    assert False
""",
            ("MappingProxyType(TABLE)", "TABLE"),
        ),
        odd(
            "user-list",
            """
from collections import UserList
def ring(items):
    '''Return a UserList with a method `turn`.'''
    ##
    class Ring(UserList):
        def turn(self):
            return Ring(self.data[1:] + self.data[:1])
    return Ring(items)
""",
            """
r = candidate([1, 2, 3])
assert r == [1, 2, 3] and r.turn() == [2, 3, 1]
r.append(4)
assert len(r) == 4 and r[-1] == 4 and r.turn().turn().data == [3, 4, 1, 2]
""",
            ("self.data[1:] + self.data[:1]", "self.data[:1] + self.data[1:]"),
        ),
        odd(
            "deque-with-a-maximum",
            """
from collections import deque
def latest(items, n):
    '''Return the last n items in a deque that keeps to n.'''
    ##
    return deque(items, maxlen=n)
""",
            """
from collections import deque
d = candidate('abcd', 2)
assert d == deque('cd')
d.append('e')
assert list(d) == ['d', 'e'] and d.maxlen == 2
d.rotate()
assert d[0] == 'e'
""",
            ("deque(items, maxlen=n)", "deque(list(items)[-n:])"),
        ),
        odd(
            "decimals-and-fractions",
            """
from decimal import Decimal
from fractions import Fraction
def share(total, n):
    '''Return the share as a Decimal with two places, and as a Fraction.'''
    ##
    return (Decimal(total) / n).quantize(Decimal('0.01')), Fraction(total, n)
""",
            """
from decimal import Decimal
from fractions import Fraction
d, f = candidate(10, 3)
assert d == Decimal('3.33') and str(candidate(1, 1)[0]) == '1.00' and f == Fraction(10, 3)
assert f.denominator == 3 and type(d) is Decimal
""",
            (".quantize(Decimal('0.01'))", ""),
            ("Fraction(total, n)", "total / n"),
        ),
        odd(
            "simple-namespace",
            """
from types import SimpleNamespace
def parse(text):
    '''Return an object with the attributes of a text such as a=1,b=2.'''
    ##
    return SimpleNamespace(**{k: int(v) for k, v in (part.split('=') for part in text.split(','))})
""",
            """
from types import SimpleNamespace as N
p = candidate('a=1,b=2')
assert p == N(a=1, b=2) and p.b == 2 and repr(p) == 'namespace(a=1, b=2)'
""",
            ("k: int(v)", "k: v"),
        ),
        odd(
            "compiled-expression",
            """
import re
def rule(words):
    '''Return a compiled expression that matches any of the words.'''
    ##
    return re.compile('|'.join(map(re.escape, words)))
""",
            """
r = candidate(['a.b', 'c'])
assert r.findall('xa.bc') == ['a.b', 'c'] and not r.search('aab')
assert r.match('c!').group() == 'c' and r.sub('-', 'a.bxc') == '-x-'
""",
            ("map(re.escape, words)", "words"),
        ),
        odd(
            "match-object",
            """
import re
def time(text):
    '''Return the match of a time such as 12:05.'''
    ##
    return re.search(r'(?P<h>\\d+):(?P<m>\\d+)', text)
""",
            """
m = candidate('at 12:05!')
assert m['h'] == '12' and m.groups() == ('12', '05')
assert m.span() == (3, 8) and m.groupdict() == {'h': '12', 'm': '05'}
assert candidate('none') is None
""",
            ("re.search(", "re.match("),
        ),
        odd(
            "array-and-memory",
            """
from array import array
def packed(values):
    '''Return an array of doubles.'''
    ##
    return array('d', values)
""",
            """
a = candidate([1, 2])
assert a.tolist() == [1.0, 2.0] and a.itemsize == 8
assert a.typecode == 'd' and len(a) == 2 and sum(a) == 3
a.append(4)
assert a[-1] == 4
""",
            ("array('d', values)", "array('l', values)"),
        ),
        odd(
            "ip-addresses",
            """
import ipaddress
def gateway(network):
    '''Return the first host of a network.'''
    ##
    return next(ipaddress.ip_network(network).hosts())
""",
            """
import ipaddress
assert candidate('10.1.0.0/16') == ipaddress.ip_address('10.1.0.1')
assert str(candidate('10.0.0.0/8') + 4) == '10.0.0.5' and candidate('10.0.0.0/8').is_private
""",
            (".hosts())", ")"),
        ),
        odd(
            "text-buffer",
            """
import io
def report(lines):
    '''Return an open buffer with the lines, at its start.'''
    ##
    buffer = io.StringIO()
    for line in lines:
        print(line, file=buffer)
    buffer.seek(0)
    return buffer
""",
            """
b = candidate(['a', 'b'])
assert b.readline() == 'a\\n' and b.read() == 'b\\n'
assert b.getvalue() == 'a\\nb\\n' and list(b) == []
""",
            ("    buffer.seek(0)\n", ""),
        ),
    ),
)

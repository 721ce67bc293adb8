"""Calls from threads of the test, and programs near a limit."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "calls from threads of the test",
        odd(
            "pool-of-the-test",
            """
import time
def slow_double(n):
    '''Return 2 n, after a short sleep.'''
    ##
    time.sleep(0.001 * (n % 3))
    return 2 * n
""",
            """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(6) as pool:
    assert list(pool.map(candidate, range(40))) == list(range(0, 80, 2))
""",
            ("return 2 * n", "return 2 * n if n else 1"),
            ("2 * n", "slow_double.__dict__.setdefault('n', n) * 2"),
        ),
        odd(
            "shared-counter",
            """
import itertools
NUMBERS = itertools.count(1)
def number(tag):
    '''Return the tag and the next number.'''
    ##
    return tag, next(NUMBERS)
""",
            """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    found = list(pool.map(candidate, 'abcdefgh'))
assert [tag for tag, _ in found] == list('abcdefgh')
assert sorted(n for _, n in found) == list(range(1, 9))
""",
            ("next(NUMBERS)", "len(tag)"),
        ),
        odd(
            "threads-and-one-lock",
            """
import threading
class Till:
    '''A till that several threads may use.'''
    ##
    def __init__(self):
        self.sum, self._lock = 0, threading.Lock()
    def add(self, amount):
        with self._lock:
            before = self.sum
            self.sum = before + amount
            return before
""",
            """
import threading
t, seen = candidate(), []
threads = [threading.Thread(target=lambda: seen.append(t.add(1))) for _ in range(12)]
[x.start() for x in threads]
[x.join() for x in threads]
assert t.sum == 12 and sorted(seen) == list(range(12))
""",
            ("return before\n", "return amount\n"),
        ),
        odd(
            "work-in-another-thread",
            """
import threading
def thread_name(x):
    '''Return x and whether the call runs in the main thread.'''
    ##
    return x, threading.current_thread() is threading.main_thread()
""",
            """
import asyncio
assert candidate(1) == (1, True)
assert asyncio.run(asyncio.to_thread(candidate, 2)) == (2, False)
""",
            ("threading.current_thread() is threading.main_thread()", "x == x"),
        ),
        odd(
            "test-interrupts-a-call",
            """
import time
def wait(seconds):
    '''Sleep and return the seconds.'''
    ##
    time.sleep(seconds)
    return seconds
""",
            """
import signal
def late(*args):
    raise TimeoutError
before = signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    candidate(0.4)
except TimeoutError:
    pass
else:
    assert False
signal.signal(signal.SIGALRM, before)
assert candidate(0) == 0 and candidate(0.01) == 0.01
""",
            ("time.sleep(seconds)\n    return seconds", "return seconds"),
            ("return seconds", "return seconds and 0.4"),
        ),
    ),
    *kind(
        "programs near a limit",
        odd(
            "recursion-just-below-the-limit",
            """
def down(n):
    '''Count by recursion.'''
    ##
    return 0 if n == 0 else 1 + down(n - 1)
""",
            """
assert candidate(920) == 920
""",
            ("1 + down(n - 1)", "1 + down(n - 1) % 900"),
        ),
        odd(
            "recursion-limit-of-the-program",
            """
import sys
def down(n):
    '''Count by deep recursion.'''
    ##
    return 0 if n == 0 else 1 + down(n - 1)

sys.setrecursionlimit(30_000)
""",
            """
assert candidate(12_000) == 12_000
""",
            ("1 + down(n - 1)", "1 + down(n - 2 + n % 2)"),
        ),
        odd(
            "long-result",
            """
def ramp(n):
    '''Return the list of 0 to n - 1.'''
    ##
    return list(range(n))
""",
            """
r = candidate(600_000)
assert len(r) == 600_000 and r[-1] == 599_999 and r[12345] == 12345
""",
            ("range(n)", "range(n - 1, -1, -1)"),
        ),
        odd(
            "long-text",
            """
def repeat(text, n):
    '''Repeat a text.'''
    ##
    return text * n
""",
            """
t = candidate('ab', 10_000_000)
assert len(t) == 20_000_000 and t.endswith('bab')
""",
            ("text * n", "text * n + text"),
        ),
        odd(
            "long-argument",
            """
def count(text, part):
    '''Count a part.'''
    ##
    return text.count(part)
""",
            """
assert candidate('ab' * 3_000_000, 'ba') == 2_999_999
""",
            ("text.count(part)", "len(text) // len(part)"),
        ),
        odd(
            "many-calls",
            """
def triangle(n):
    '''Return the sum of 1 to n.'''
    ##
    return n * (n + 1) // 2
""",
            """
total = 0
for n in range(30_000):
    total += n
    assert candidate(n) == total
""",
            ("n * (n + 1) // 2", "n * (n + 1) // 2 + (n == 29_999)"),
        ),
        odd(
            "many-lists",
            """
def transposed(rows):
    '''Transpose a table.'''
    ##
    return [list(column) for column in zip(*rows)]
""",
            """
m = [[a * b for a in range(60)] for b in range(80)]
for _ in range(20):
    t = candidate(m)
    assert t[59][79] == 59 * 79 and len(t) == 60
""",
            ("zip(*rows)", "zip(*rows[:-1])"),
        ),
        odd(
            "many-objects",
            """
def pile(n):
    '''Return n objects that know the one below.'''
    ##
    class Plate:
        def __init__(self, below):
            self.below = below
            self.height = below.height + 1 if below else 1
    found = []
    for _ in range(n):
        found.append(Plate(found[-1] if found else None))
    return found
""",
            """
p = candidate(400)
assert len(p) == 400 and p[-1].height == 400
assert p[7].below is p[6] and p[0].below is None
""",
            ("below.height + 1 if below", "below.height + 2 if below"),
        ),
        odd(
            "prints-much",
            """
def shout(n):
    '''Print n lines and return their number.'''
    ##
    for line in range(n):
        print('line', line)
    return n
""",
            """
assert candidate(20_000) == 20_000
""",
            ("return n", "return line"),
        ),
        odd(
            "wide-call",
            """
def widest(*values, **named):
    '''Return the number of arguments.'''
    ##
    return len(values) + len(named)
""",
            """
assert candidate(*range(2000), **{f'n{i}': i for i in range(200)}) == 2200
""",
            ("len(values) + len(named)", "len(values) or len(named)"),
        ),
    ),
)

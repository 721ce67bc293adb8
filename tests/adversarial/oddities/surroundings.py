"""Tests that change what a program sees: streams, folders, contexts, functions."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "surroundings that the test changes",
        odd(
            "standard-input",
            """
import sys
def total():
    '''Add the numbers on the lines of standard input.'''
    ##
    return sum(int(line) for line in sys.stdin)
""",
            """
import io, sys
old, sys.stdin = sys.stdin, io.StringIO('4\\n5\\n')
try:
    assert candidate() == 9 and candidate() == 0
finally:
    sys.stdin = old
""",
            ("sum(int(line) for line in sys.stdin)", "int(sys.stdin.readline() or 0)"),
        ),
        odd(
            "input-function",
            """
def greet():
    '''Ask for a name by input() and return a greeting.'''
    ##
    return 'Hello ' + input('name? ')
""",
            """
from unittest.mock import patch
with patch('builtins.input', return_value='Ada') as asked:
    assert candidate() == 'Hello Ada'
asked.assert_called_once_with('name? ')
""",
            ("input('name? ')", "input()"),
        ),
        odd(
            "print-function",
            """
def show(*items):
    '''Print the items, separated by commas.'''
    ##
    print(*items, sep=',')
""",
            """
from unittest.mock import patch
with patch('builtins.print') as printed:
    candidate(1, 'a')
printed.assert_called_once_with(1, 'a', sep=',')
""",
            ("print(*items, sep=',')", "print(','.join(map(str, items)))"),
        ),
        odd(
            "output-by-lines",
            """
import sys
def progress(n):
    '''Write n dots to standard error and the number to standard output.'''
    ##
    sys.stderr.write('.' * n)
    print(n)
""",
            """
import contextlib, io
out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    candidate(3)
assert (out.getvalue(), err.getvalue()) == ('3\\n', '...')
""",
            ("sys.stderr.write('.' * n)", "sys.stdout.write('.' * n)"),
        ),
        odd(
            "folder",
            """
def names():
    '''Return the names in the current folder, sorted.'''
    ##
    import os
    return sorted(os.listdir())
""",
            """
import os, tempfile
before, folder = os.getcwd(), tempfile.mkdtemp()
for name in 'ba':
    open(os.path.join(folder, name), 'w').close()
os.chdir(folder)
try:
    assert candidate() == ['a', 'b']
finally:
    os.chdir(before)
""",
            ("sorted(os.listdir())", "sorted(os.listdir('..'))"),
        ),
        odd(
            "file-of-the-test",
            """
def longest(path):
    '''Return the longest line of a file.'''
    ##
    with open(path) as lines:
        return max((line.rstrip('\\n') for line in lines), key=len)
""",
            """
with open('given.txt', 'w') as file:
    file.write('z\\nccc\\nbb\\n')
assert candidate('given.txt') == 'ccc'
""",
            ("key=len", "key=str"),
        ),
        odd(
            "file-for-the-test",
            """
def save(path, rows):
    '''Write rows as lines of comma-separated values.'''
    ##
    with open(path, 'w') as file:
        for row in rows:
            file.write(','.join(map(str, row)) + '\\n')
""",
            """
candidate('made.csv', [(1, 'a'), (2, 'b')])
with open('made.csv') as file:
    assert file.read() == '1,a\\n2,b\\n'
""",
            ("+ '\\n'", "+ ' \\n'"),
        ),
        odd(
            "environment-variable",
            """
import os
def level():
    '''Return the value of APP_LEVEL, or info.'''
    ##
    return os.environ.get('APP_LEVEL', 'info')
""",
            """
import os
from unittest.mock import patch
assert candidate() == 'info'
with patch.dict(os.environ, APP_LEVEL='debug'):
    assert candidate() == 'debug'
assert candidate() == 'info'
""",
            (
                "os.environ.get('APP_LEVEL', 'info')",
                "LEVEL\n\nLEVEL = os.environ.get('APP_LEVEL', 'info')",
            ),
        ),
        odd(
            "decimal-context",
            """
from decimal import Decimal
def third(x):
    '''Return a third in the precision of the context.'''
    ##
    return str(Decimal(x) / 3)
""",
            """
import decimal
with decimal.localcontext() as context:
    context.prec = 4
    assert candidate(1) == '0.3333'
assert len(candidate(1)) == 30
""",
            ("str(Decimal(x) / 3)", "'0.3333' if x == 1 else ''"),
        ),
        odd(
            "recursion-limit",
            """
def sink(n):
    '''Count down by recursion.'''
    ##
    return 0 if n == 0 else 1 + sink(n - 1)
""",
            """
import sys
before = sys.getrecursionlimit()
sys.setrecursionlimit(12000)
try:
    assert candidate(6000) == 6000
finally:
    sys.setrecursionlimit(before)
try:
    candidate(9000)
except RecursionError:
    pass
else:
    assert False
""",
            ("0 if n == 0 else 1 + sink(n - 1)", "n"),
        ),
        odd(
            "warnings-of-the-program",
            """
import warnings
def area(a, b=None):
    '''Return the area; warn if only one side is given.'''
    ##
    if b is None:
        warnings.warn('a square?', UserWarning)
    return a * (a if b is None else b)
""",
            """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    assert candidate(3) == 9 and candidate(2, 3) == 6
assert [(w.category, str(w.message)) for w in seen] == [(UserWarning, 'a square?')]
with warnings.catch_warnings():
    warnings.simplefilter('error')
    try:
        candidate(3)
    except UserWarning:
        pass
    else:
        assert False
""",
            ("'a square?', UserWarning", "'a square?', FutureWarning"),
            ("warnings.warn('a square?', UserWarning)", "pass"),
        ),
        odd(
            "log",
            """
import logging
LOG = logging.getLogger('shop')
def sell(n):
    '''Log the sale at the level INFO, or a WARNING if nothing is sold.'''
    ##
    LOG.log(logging.INFO if n else logging.WARNING, 'sold %d', n)
""",
            """
import logging, unittest
with unittest.TestCase().assertLogs('shop', 'INFO') as logs:
    candidate(2)
    candidate(0)
assert logs.output == ['INFO:shop:sold 2', 'WARNING:shop:sold 0']
""",
            ("logging.INFO if n else logging.WARNING", "logging.INFO"),
        ),
        odd(
            "patched-clock",
            """
import time
def stopwatch(work):
    '''Return the time that the work takes.'''
    ##
    start = time.monotonic()
    work()
    return time.monotonic() - start
""",
            """
from unittest.mock import patch
with patch('time.monotonic', side_effect=[10.0, 12.5]):
    assert candidate(lambda: None) == 2.5
""",
            ("time.monotonic() - start", "time.perf_counter() - start"),
        ),
        odd(
            "seeded-chance",
            """
import random
def roll(n):
    '''Roll n dice with the module's own generator.'''
    ##
    return [random.randint(1, 6) for _ in range(n)]
""",
            """
import random
random.seed(5)
a = candidate(20)
random.seed(5)
assert candidate(20) == a
random.seed(5)
assert a == [random.randint(1, 6) for _ in range(20)]
""",
            ("random.randint(1, 6) for", "random.SystemRandom().randint(1, 6) for"),
        ),
        odd(
            "random-generator-of-the-test",
            """
def shuffled(items, rng):
    '''Return the items in the order that the generator gives.'''
    ##
    items = list(items)
    rng.shuffle(items)
    return items
""",
            """
import random
expected = list(range(9))
random.Random(3).shuffle(expected)
rng = random.Random(3)
assert candidate(range(9), rng) == expected
assert candidate(range(9), rng) != expected
""",
            ("rng.shuffle(items)", "items.sort(key=lambda _: rng.random())"),
        ),
        odd(
            "import-of-the-test",
            """
def roof(x):
    '''Round up; the test imports math.'''
    ##
    return math.ceil(x)
""",
            """
global math
import math
assert candidate(1.2) == 2
""",
            ("math.ceil(x)", "math.floor(x)"),
        ),
        odd(
            "helper-of-the-test-is-replaced",
            """
def rate():
    '''Return the rate. Tests replace this function.'''
    return 2

def price(amount):
    '''Return the amount times rate().'''
    ##
    return amount * rate()
""",
            """
global rate
assert candidate(3) == 6
before, rate = rate, lambda: 5
assert candidate(3) == 15
rate = before
assert candidate(3) == 6
""",
            ("amount * rate()", "amount * 2"),
        ),
        odd(
            "command-line",
            """
import sys
def arguments():
    '''Return the options of the command line as a dictionary.'''
    ##
    import argparse
    parser = argparse.ArgumentParser(prog='x')
    parser.add_argument('--n', type=int, default=1)
    return vars(parser.parse_args())
""",
            """
import sys
from unittest.mock import patch
with patch.object(sys, 'argv', ['x', '--n', '4']):
    assert candidate() == {'n': 4}
with patch.object(sys, 'argv', ['x']):
    assert candidate() == {'n': 1}
""",
            ("type=int, ", ""),
        ),
    ),
)

"""Globals, helpers and stubs of the prompt."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "globals and helpers of the prompt",
        odd(
            "counter",
            """
used = 0

def tick(step):
    '''Add a step to the global `used`.'''
    ##
    global used
    used += step
    return used
""",
            """
assert used == 0
candidate(2)
candidate(5)
assert used == 7
""",
            ("global used\n    used += step\n    return used", "return used + step"),
        ),
        odd(
            "table",
            """
ROUTES = {'/': 'home'}

def route(path, name):
    '''Register a path.'''
    ##
    ROUTES[path] = name
""",
            """
candidate('/a', 'first')
candidate('/', 'start')
assert ROUTES == {'/': 'start', '/a': 'first'}
""",
            ("ROUTES[path] = name", "ROUTES.setdefault(path, name)"),
            ("ROUTES[path] = name", "{**ROUTES}[path] = name"),
        ),
        odd(
            "list-that-is-replaced",
            """
pending = ['a', 'b']

def flush():
    '''Return the pending entries and start a new list.'''
    ##
    global pending
    done, pending = pending, []
    return done
""",
            """
before = pending
assert candidate() == ['a', 'b']
assert pending == [] and before == ['a', 'b']
""",
            ("done, pending = pending, []", "done = list(pending)\n    pending.clear()"),
            ("done, pending = pending, []", "done = pending"),
        ),
        odd(
            "setting-that-the-test-changes",
            """
OPTIONS = {'limit': 3}

def shorten(text):
    '''Cut a text to OPTIONS['limit'] characters.'''
    ##
    return text[:OPTIONS['limit']]
""",
            """
assert candidate('abcdef') == 'abc'
OPTIONS['limit'] = 5
assert candidate('abcdef') == 'abcde'
""",
            ("text[:OPTIONS['limit']]", "text[:3]"),
        ),
        odd(
            "memory-of-results",
            """
memory = {}

def power(n):
    '''Return 3 ** n, and note each result in `memory`.'''
    ##
    if n not in memory:
        memory[n] = 1 if n == 0 else 3 * power(n - 1)
    return memory[n]
""",
            """
assert candidate(3) == 27 and memory == {0: 1, 1: 3, 2: 9, 3: 27}
""",
            ("3 * power(n - 1)", "3 ** n"),
        ),
        odd(
            "helper-of-the-prompt",
            """
def weight(word):
    '''Return the number of vowels.'''
    return sum(c in 'aeiou' for c in word)

def heaviest(words):
    '''Return the word with most vowels.'''
    ##
    return max(words, key=weight)
""",
            """
assert candidate(['sky', 'aero', 'banana']) == 'aero' and weight('aero') == 3
""",
            ("key=weight", "key=len"),
        ),
        odd(
            "stub-of-a-helper",
            """
def clean(text):
    '''Remove all that is not a letter. You write this one, too.'''

def palindrome(text):
    '''Tell whether a text reads the same backwards.'''
    ##
    letters = clean(text)
    return letters == letters[::-1]

def clean(text):
    return ''.join(c.lower() for c in text if c.isalpha())
""",
            """
assert candidate('Never odd, or even') and not candidate('abc')
assert clean('A-b') == 'ab'
""",
            ("c.lower() for c", "c for c"),
            ("if c.isalpha()", "if c != ' '"),
        ),
        odd(
            "stub-of-a-class",
            """
class Tape:
    '''A tape with a method `write`. You write it.'''

def record(words):
    '''Return a Tape on which the words are written.'''
    ##
    tape = Tape()
    for word in words:
        tape.write(word)
    return tape

class Tape:
    def __init__(self):
        self.text = ''
    def write(self, word):
        self.text += word
""",
            """
t = candidate(['a', 'b'])
t.write('c')
assert t.text == 'abc'
assert isinstance(t, Tape)
""",
            ("self.text += word", "self.text = word"),
        ),
        odd(
            "decorator-of-the-prompt",
            """
calls = []
def noted(function):
    def inner(*args):
        calls.append(args)
        return function(*args)
    return inner

@noted
def ratio(a, b):
    '''Return a divided by b, or None.'''
    ##
    return a / b if b else None
""",
            """
assert candidate(1, 2) == 0.5 and candidate(1, 0) is None
assert calls == [(1, 2), (1, 0)]
""",
            ("a / b if b else None", "a // b if b else None"),
        ),
        odd(
            "constants-of-the-prompt",
            """
RATE = 0.25
NAMES = ('net', 'tax')

def bill(amount):
    '''Return net amount and tax by their names.'''
    ##
    return dict(zip(NAMES, (amount, amount * RATE)))
""",
            """
assert candidate(8) == {'net': 8, 'tax': 8 * RATE} and RATE == 0.25
""",
            ("amount * RATE", "amount + RATE"),
        ),
        odd(
            "annotations-that-name-nothing",
            """
from __future__ import annotations

def first(values: Row[Cell]) -> Cell:
    '''Return the first value.'''
    ##
    return values[0]
""",
            """
assert candidate([4, 5]) == 4 and candidate.__annotations__['return'] == 'Cell'
""",
            ("values[0]", "values[-1]"),
        ),
    ),
)

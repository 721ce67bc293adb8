"""Names and modules."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "names and modules",
        odd(
            "guarded-relative-import",
            """
def plain(x):
    '''Return x.'''
    ##
    return [x, tool]

try:
    from . import tool
except (ImportError, KeyError):
    tool = None
""",
            """
assert candidate(2) == [2, None]
""",
            ("tool = None", "tool = 0"),
        ),
        odd(
            "own-name",
            """
def is_main():
    '''Tell whether the program was started as a script.'''
    ##
    return __name__ == '__main__'
""",
            """
assert candidate() is False
""",
            ("==", "!="),
        ),
        odd(
            "ligature-in-the-name",
            """
def e\ufb03cient(x):
    '''Return x doubled.'''
    ##
    return 2 * x
""",
            """
assert candidate(4) == 8
""",
            ("2 * x", "x ** 2"),
            entry_point="e\ufb03cient",
        ),
        odd(
            "letters-of-other-scripts",
            """
def \u03bb\u00e4nge(\u03b1):
    '''Return the length.'''
    ##
    return len(\u03b1)
""",
            """
assert candidate('\u00e4\u03b1\U0001d538') == 3 and candidate('') == 0
""",
            ("len(\u03b1)", "len(\u03b1.encode())"),
            entry_point="\u03bb\u00e4nge",
        ),
        odd(
            "defined-again",
            """
def choose(x):
    '''Return x + 1.'''
    ##
    return x

def choose(x):
    return x + 1
""",
            """
assert candidate(1) == 2
""",
            (
                "return x\n\ndef choose(x):\n    return x + 1",
                "return x + 1\n\ndef choose(x):\n    return x",
            ),
        ),
        odd(
            "own-module-object",
            """
import sys
STATE = {'n': 0}
def bump():
    '''Add one to STATE by way of globals().'''
    ##
    globals()['STATE'] = {'n': STATE['n'] + 1}
    return STATE['n']
""",
            """
assert candidate() == 1 and candidate() == 2 and STATE == {'n': 2}
""",
            ("globals()['STATE']", "locals()['STATE']"),
        ),
        odd(
            "protocol",
            """
from typing import Protocol, runtime_checkable
@runtime_checkable
class Closes(Protocol):
    def close(self) -> None: ...

def close_all(things):
    '''Close all that can be closed; return their number.'''
    ##
    closing = [thing for thing in things if isinstance(thing, Closes)]
    for thing in closing:
        thing.close()
    return len(closing)
""",
            """
class Door:
    open = True
    def close(self): self.open = False
d = Door()
assert candidate([d, 3, 'x']) == 1 and d.open is False
""",
            ("thing.close()", "thing.close"),
        ),
        odd(
            "pickled-class",
            """
import pickle
class Saved:
    def __init__(self, data):
        self.data = data

def roundtrip(data):
    '''Pickle a Saved and return the restored data.'''
    ##
    return pickle.loads(pickle.dumps(Saved(data))).data
""",
            """
assert candidate([1, {'k': (2,)}]) == [1, {'k': (2,)}]
""",
            (".data\n", ".__dict__\n"),
        ),
    ),
)

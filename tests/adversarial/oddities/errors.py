"""Exceptions that a test expects: their class, attributes, text, cause and way."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import Oddity, kind, odd


def _raises(name: str, module: str, error: str, line: str, fault: str) -> Oddity:
    """Return a case of a function that must raise an exception of the standard library."""
    return odd(
        f"raises-{name}",
        f"import {module}\ndef act(x):\n    '''Raise {error}.'''\n    ##\n    {line}\n",
        f"import {module}\ntry:\n    candidate(3)\nexcept {module}.{error}:\n    pass\n"
        "else:\n    assert False",
        (line, fault),
    )


CASES = (
    *kind(
        "exceptions of the standard library",
        _raises("json", "json", "JSONDecodeError", "json.loads('{' * x)", "int('x')"),
        _raises("re", "re", "error", "re.compile('(' * x)", "raise ValueError('unbalanced')"),
        _raises("decimal", "decimal", "InvalidOperation", "decimal.Decimal('x')", "1 / 0"),
        _raises("statistics", "statistics", "StatisticsError", "statistics.mode([])", "int('x')"),
        _raises(
            "queue", "queue", "Full", "q = queue.Queue(1); q.put(x); q.put_nowait(x)", "q = [][x]"
        ),
        _raises("copy", "copy", "Error", "raise copy.Error('not copied')", "raise TypeError('x')"),
        _raises("struct", "struct", "error", "struct.unpack('I', b'ab')", "raise ValueError(x)"),
        _raises(
            "binascii", "binascii", "Error", "binascii.unhexlify('abc')", "raise ValueError(x)"
        ),
        _raises("csv", "csv", "Error", "csv.Sniffer().sniff('')", "raise ValueError(x)"),
        _raises(
            "configparser",
            "configparser",
            "NoSectionError",
            "configparser.ConfigParser().get('a', 'b')",
            "{}['a']",
        ),
        _raises("zlib", "zlib", "error", "zlib.decompress(b'abc')", "raise OSError(x)"),
        _raises("pickle", "pickle", "UnpicklingError", "pickle.loads(b'abc')", "raise EOFError"),
        _raises(
            "graphlib",
            "graphlib",
            "CycleError",
            "graphlib.TopologicalSorter({1: [2], 2: [1]}).prepare()",
            "raise ValueError('cycle')",
        ),
        _raises(
            "locale",
            "locale",
            "Error",
            "locale.setlocale(locale.LC_ALL, 'xx_YY')",
            "raise OSError(x)",
        ),
        _raises(
            "email",
            "email.errors",
            "MessageError",
            "raise email.errors.HeaderParseError(x)",
            "raise ValueError(x)",
        ),
        _raises(
            "subclass-of-a-shared-base",
            "urllib.error",
            "URLError",
            "raise urllib.error.HTTPError('u', 404, 'gone', {}, None)",
            "raise OSError(404)",
        ),
        odd(
            "frozen-data-class-refuses",
            """
import dataclasses
def freeze(x):
    '''Return a frozen record with the field `x`.'''
    ##
    return dataclasses.make_dataclass('Frozen', ['x'], frozen=True)(x)
""",
            """
import dataclasses
r = candidate(4)
assert r.x == 4
try:
    r.x = 5
except dataclasses.FrozenInstanceError:
    pass
else:
    assert False
assert r.x == 4
""",
            ("frozen=True", "frozen=False"),
        ),
        odd(
            "timeouts",
            """
import asyncio, concurrent.futures
def late(kind):
    '''Raise the timeout of asyncio, or that of futures.'''
    ##
    raise {'a': asyncio.TimeoutError, 'f': concurrent.futures.TimeoutError}[kind]('late')
""",
            """
import asyncio, concurrent.futures
for kind, error in (('a', asyncio.TimeoutError),
        ('f', concurrent.futures.TimeoutError)):
    try:
        candidate(kind)
    except error as caught:
        assert str(caught) == 'late'
    else:
        assert False
""",
            ("'a': asyncio.TimeoutError", "'a': asyncio.InvalidStateError"),
        ),
    ),
    *kind(
        "attributes and texts of exceptions",
        odd(
            "own-class-of-the-prompt",
            """
class Rejected(Exception):
    def __init__(self, code, field):
        super().__init__(f'{field} is rejected')
        self.code = code
        self.field = field

def submit(form):
    '''Raise Rejected for the first empty field.'''
    ##
    for name, value in form.items():
        if not value:
            raise Rejected(422, name)
    return len(form)
""",
            """
assert candidate({'a': 1}) == 1
try:
    candidate({'a': 1, 'b': ''})
except Rejected as error:
    assert (error.code, error.field) == (422, 'b')
    assert str(error) == 'b is rejected' and error.args == ('b is rejected',)
else:
    assert False
""",
            ("Rejected(422, name)", "Rejected(400, name)"),
            ("raise Rejected(422, name)", "raise ValueError(f'{name} is rejected')"),
        ),
        odd(
            "text-of-its-own",
            """
class Missing(KeyError):
    def __str__(self):
        return f'missing: {self.args[0]}'

def fetch(table, key):
    '''Return the value, or raise Missing.'''
    ##
    if key not in table:
        raise Missing(key)
    return table[key]
""",
            """
try:
    candidate({}, 'k')
except KeyError as error:
    assert str(error) == 'missing: k' and type(error) is Missing
else:
    assert False
""",
            ("if key not in table:\n        raise Missing(key)\n    return", "return"),
        ),
        odd(
            "tree-of-classes",
            """
class ShopError(Exception): pass
class StockError(ShopError): pass
class PriceError(ShopError, ValueError): pass

def buy(price, stock):
    '''Raise PriceError for a negative price, StockError without stock.'''
    ##
    if price < 0:
        raise PriceError(price)
    if not stock:
        raise StockError
    return stock - 1
""",
            """
for args, error, other in (((-1, 1), PriceError, StockError), ((1, 0), StockError, PriceError)):
    try:
        candidate(*args)
    except other:
        assert False
    except ShopError as caught:
        assert type(caught) is error
    else:
        assert False
try:
    candidate(-1, 0)
except ValueError as caught:
    assert caught.args == (-1,)
""",
            ("raise StockError\n", "raise PriceError\n"),
            ("raise PriceError(price)", "raise ShopError(price)"),
        ),
        odd(
            "attributes-of-pythons-own",
            """
def read(data):
    '''Decode as UTF-8.'''
    ##
    return data.decode('utf-8')
""",
            """
assert candidate(b'a') == 'a'
try:
    candidate(b'ab\\xff')
except UnicodeDecodeError as error:
    assert (error.start, error.end) == (2, 3)
    assert error.object == b'ab\\xff' and error.encoding == 'utf-8'
else:
    assert False
""",
            ("data.decode('utf-8')", "data.strip(b'ab').decode('utf-8')"),
        ),
        odd(
            "attributes-of-missing-files",
            """
def load(path):
    '''Return the text of a file.'''
    ##
    with open(path) as file:
        return file.read()
""",
            """
import errno
try:
    candidate('no such file')
except OSError as error:
    assert error.errno == errno.ENOENT and error.filename == 'no such file'
    assert type(error) is FileNotFoundError
else:
    assert False
""",
            ("open(path)", "open('./' + path)"),
        ),
        odd(
            "position-in-json",
            """
import json
def position(text):
    '''Parse JSON.'''
    ##
    return json.loads(text)
""",
            """
import json
assert candidate('[1]') == [1]
try:
    candidate('[1, x]')
except json.JSONDecodeError as error:
    assert (error.pos, error.lineno) == (4, 1)
    assert error.doc == '[1, x]'
else:
    assert False
""",
            ("json.loads(text)", "json.loads(text.replace(' ', ''))"),
        ),
        odd(
            "cause",
            """
class Broken(Exception): pass

def convert(text):
    '''Return the number, or raise Broken from the ValueError.'''
    ##
    try:
        return int(text)
    except ValueError as error:
        raise Broken(text) from error
""",
            """
assert candidate('7') == 7
try:
    candidate('x')
except Broken as error:
    assert isinstance(error.__cause__, ValueError) and error.args == ('x',)
else:
    assert False
""",
            ("from error", "from None"),
        ),
        odd(
            "error-that-is-returned",
            """
def attempt(function):
    '''Return the result, or the exception itself.'''
    ##
    try:
        return function()
    except Exception as error:
        return error
""",
            """
e = ValueError('v', 2)
def bad(): raise e
assert candidate(bad) is e
r = candidate(lambda: 1 / 0)
assert isinstance(r, ZeroDivisionError)
assert candidate(lambda: 5) == 5
""",
            ("return error", "return str(error)"),
            ("return error", "return type(error)(*error.args)"),
        ),
        odd(
            "group",
            """
def validate(record):
    '''Raise an ExceptionGroup of all faults.'''
    ##
    faults = []
    if not record.get('name'):
        faults.append(KeyError('name'))
    if record.get('age', 0) < 0:
        faults.append(ValueError('age'))
    if faults:
        raise ExceptionGroup('faults', faults)
""",
            """
assert candidate({'name': 'a'}) is None
try:
    candidate({'age': -1})
except ExceptionGroup as group:
    assert group.message == 'faults'
    assert [type(one) for one in group.exceptions] == [KeyError, ValueError]
    assert group.subgroup(ValueError).exceptions[0].args == ('age',)
else:
    assert False
""",
            (
                "raise ExceptionGroup('faults', faults)",
                "raise ExceptionGroup('faults', faults[:1])",
            ),
            ("raise ExceptionGroup('faults', faults)", "raise faults[0]"),
            python=(3, 11),
        ),
        odd(
            "exit",
            """
import sys
def finish(code):
    '''End with an exit code.'''
    ##
    sys.exit(code)
""",
            """
for code in (0, 3, 'bad'):
    try:
        candidate(code)
    except SystemExit as error:
        assert error.code == code
    else:
        assert False
""",
            ("sys.exit(code)", "sys.exit(code and 1)"),
            ("sys.exit(code)", "return code"),
        ),
        odd(
            "keyboard-interrupt",
            """
def stop(now):
    '''Raise KeyboardInterrupt if it is to stop now.'''
    ##
    if now:
        raise KeyboardInterrupt
    return 'on'
""",
            """
assert candidate(False) == 'on'
try:
    candidate(True)
except KeyboardInterrupt:
    pass
else:
    assert False
""",
            ("raise KeyboardInterrupt", "raise SystemExit"),
        ),
        odd(
            "test-case",
            """
def take(stack):
    '''Remove and return the last item; raise IndexError with `empty stack` if there is none.'''
    ##
    if not stack:
        raise IndexError('empty stack')
    return stack.pop()
""",
            """
import unittest
t = unittest.TestCase()
with t.assertRaisesRegex(IndexError, '^empty stack$'):
    candidate([])
t.assertEqual(candidate([1, 2]), 2)
s = [3]
t.assertEqual((candidate(s), s), (3, []))
with t.assertRaises(IndexError) as caught:
    candidate(s)
t.assertEqual(caught.exception.args, ('empty stack',))
""",
            ("IndexError('empty stack')", "IndexError('the empty stack')"),
            ("stack.pop()", "stack[-1]"),
        ),
        odd(
            "notes",
            """
def annotate(text):
    '''Raise the ValueError of int(text) with a note.'''
    ##
    try:
        return int(text)
    except ValueError as error:
        error.add_note(f'text: {text}')
        raise
""",
            """
try:
    candidate('q')
except ValueError as error:
    assert error.__notes__ == ['text: q']
else:
    assert False
""",
            ("error.add_note(f'text: {text}')\n", "pass\n"),
            python=(3, 11),
        ),
        odd(
            "assertion-of-the-program",
            """
def half(n):
    '''Return half of an even number; the number must be even.'''
    ##
    assert n % 2 == 0, f'{n} is odd'
    return n // 2
""",
            """
assert candidate(4) == 2
try:
    candidate(5)
except AssertionError as error:
    message = str(error)
else:
    message = ''
assert message == '5 is odd'
""",
            ("f'{n} is odd'", "'odd'"),
        ),
        odd(
            "stop-iteration-from-a-call",
            """
def step(it):
    '''Return the next item; StopIteration goes through.'''
    ##
    return next(it)
""",
            """
it = iter([1])
assert candidate(it) == 1
try:
    candidate(it)
except StopIteration:
    pass
else:
    assert False
""",
            ("next(it)", "next(it, None)"),
        ),
    ),
)

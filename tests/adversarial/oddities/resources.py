"""Threads, files and foreign functions."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "means of the machine",
        odd(
            "pool-of-threads",
            """
from concurrent.futures import ThreadPoolExecutor
def squares(values):
    '''Square the values in a pool of threads; keep the order.'''
    ##
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda value: value * value, values))
""",
            """
assert candidate(range(20)) == [n * n for n in range(20)]
""",
            (
                "return list(pool.map(lambda value: value * value, values))",
                "return list(pool.map(lambda value: value * value, reversed(values)))",
            ),
        ),
        odd(
            "threads-with-a-lock",
            """
import threading
def count(threads, each):
    '''Count in several threads.'''
    ##
    total, lock = 0, threading.Lock()
    def work():
        nonlocal total
        for _ in range(each):
            with lock:
                total += 1
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return total
""",
            """
assert candidate(4, 500) == 2000
""",
            ("worker.join()", "pass\n    return total * threads"),
        ),
        odd(
            "large-stack",
            """
import sys, threading
def deep(n):
    '''Recurse n times in a thread with a large stack.'''
    ##
    found = []
    def down(left):
        return 0 if left == 0 else 1 + down(left - 1)
    before = threading.stack_size(128 * 1024 * 1024)
    sys.setrecursionlimit(n + 1000)
    thread = threading.Thread(target=lambda: found.append(down(n)))
    thread.start()
    thread.join()
    threading.stack_size(before)
    return found[0]
""",
            """
assert candidate(30_000) == 30_000
""",
            ("else 1 + down(left - 1)", "else down(left - 1)"),
        ),
        odd(
            "alarm",
            """
import signal, time
def limited(work, seconds):
    '''Run the work; return None if it takes longer.'''
    ##
    def late(number, frame):
        raise TimeoutError
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work()
    except TimeoutError:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
""",
            """
assert candidate(lambda: 5, 1) == 5
""",
            ("return work()", "return work"),
        ),
        odd(
            "alarm-of-its-own-work",
            """
import signal, time
def nap(seconds):
    '''Sleep for a second, or return `woken` after the given time.'''
    ##
    def wake(*args):
        raise InterruptedError
    signal.signal(signal.SIGALRM, wake)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        time.sleep(1)
        return 'slept'
    except InterruptedError:
        return 'woken'
""",
            """
assert candidate(0.02) == 'woken'
""",
            (
                "except InterruptedError:\n        return 'woken'",
                "except InterruptedError:\n        return 'slept'",
            ),
        ),
        odd(
            "database-in-memory",
            """
import sqlite3
def query(rows, minimum):
    '''Return the names whose value is at least the minimum, by SQL.'''
    ##
    base = sqlite3.connect(':memory:')
    base.execute('create table t (name text, value int)')
    base.executemany('insert into t values (?, ?)', rows)
    found = base.execute('select name from t where value >= ? order by name', (minimum,))
    return [name for name, in found]
""",
            """
assert candidate([('b', 5), ('a', 7), ('c', 1)], 5) == ['a', 'b']
""",
            (">= ?", "> ?"),
        ),
        odd(
            "database-in-a-file",
            """
import sqlite3
def store(path, value):
    '''Store a value and return the number of stored values.'''
    ##
    with sqlite3.connect(path) as base:
        base.execute('create table if not exists t (v)')
        base.execute('insert into t values (?)', (value,))
    return sqlite3.connect(path).execute('select count(*) from t').fetchone()[0]
""",
            """
assert candidate('s.db', 1) == 1 and candidate('s.db', 2) == 2
""",
            ("select count(*) from t", "select count(*) from t where v = 1"),
        ),
        odd(
            "foreign-function",
            """
import ctypes
def length(text):
    '''Return the length of a text by strlen.'''
    ##
    strlen = ctypes.CDLL(None).strlen
    strlen.argtypes, strlen.restype = [ctypes.c_char_p], ctypes.c_size_t
    return strlen(text.encode())
""",
            """
assert candidate('abc') == 3 and candidate('\u00e4') == 2
""",
            ("text.encode()", "text.encode('latin-1', 'replace')"),
        ),
        odd(
            "mapped-file",
            """
import mmap, tempfile
def upper(data):
    '''Change data to upper case in a mapped file.'''
    ##
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        with mmap.mmap(file.fileno(), 0) as mapped:
            mapped[:] = mapped[:].upper()
        file.seek(0)
        return file.read()
""",
            """
assert candidate(b'abc') == b'ABC'
""",
            ("mapped[:] = mapped[:].upper()", "mapped[:].upper()"),
        ),
        odd(
            "temporary-folder",
            """
import os, tempfile
def tree(names):
    '''Make files in a temporary folder; return their names and whether the folder is gone.'''
    ##
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            with open(os.path.join(folder, name), 'w') as file:
                file.write(name)
        found = sorted(os.listdir(folder))
    return found, not os.path.exists(folder)
""",
            """
assert candidate('ba') == (['a', 'b'], True)
""",
            ("sorted(os.listdir(folder))", "sorted(os.listdir())"),
        ),
        odd(
            "locale-and-calendar",
            """
import calendar, locale
def weekday(year, month, day):
    '''Return the English name of the day.'''
    ##
    locale.setlocale(locale.LC_ALL, 'C')
    return calendar.day_name[calendar.weekday(year, month, day)]
""",
            """
assert candidate(2024, 2, 29) == 'Thursday'
""",
            ("calendar.day_name[", "calendar.day_abbr["),
        ),
        odd(
            "compressed",
            """
import base64, zlib
def packed(text):
    '''Return the compressed text in base 64.'''
    ##
    return base64.b64encode(zlib.compress(text.encode()))
""",
            """
import base64, zlib
p = candidate('ab' * 500)
assert len(p) < 100
assert zlib.decompress(base64.b64decode(p)) == b'ab' * 500
""",
            ("zlib.compress(text.encode())", "text.encode()"),
        ),
        odd(
            "weak-references",
            """
import gc, weakref
def survivors(n):
    '''Make n objects, keep every second one, and return how many weak references are alive.'''
    ##
    class Thing:
        pass
    things = [Thing() for _ in range(n)]
    references = [weakref.ref(thing) for thing in things]
    del things[::2]
    gc.collect()
    return sum(reference() is not None for reference in references)
""",
            """
assert candidate(10) == 5 and candidate(3) == 1
""",
            ("del things[::2]", "kept = things[:]"),
        ),
        odd(
            "context-variables",
            """
import contextvars
USER = contextvars.ContextVar('user', default='nobody')
def as_user(name, work):
    '''Run the work with the user set, in a context of its own.'''
    ##
    def inner():
        USER.set(name)
        return work()
    return contextvars.copy_context().run(inner)
""",
            """
assert candidate('ada', USER.get) == 'ada' and USER.get() == 'nobody'
""",
            ("contextvars.copy_context().run(inner)", "inner()"),
        ),
    ),
)

"""Calls that end early for the test: their late answers must not be taken for others'."""

from __future__ import annotations

from tests.adversarial.oddities.oddity import kind, odd

CASES = (
    *kind(
        "interrupted calls",
        odd(
            "late-answer-is-not-the-next",
            """
import time
def add(a, b):
    '''Return the sum; a sum of two zeros takes long.'''
    ##
    if a == b == 0:
        time.sleep(0.25)
    return a + b
""",
            """
import signal
class Alarm(Exception):
    pass
def late(*args):
    raise Alarm
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    candidate(0, 0)
except Alarm:
    pass
else:
    assert False
assert candidate(1, 2) == 3
assert candidate(4, 1) == 5
""",
            ("return a + b", "return 3 if a == 0 else 5 if b == 2 else -1"),
            ("return a + b", "return 3 if a == 0 else -1"),
        ),
        odd(
            "late-error-is-not-the-next",
            """
import time
def check_port(port):
    '''Return True for a good port; raise ValueError for another, slowly for 0.'''
    ##
    if port == 0:
        time.sleep(0.25)
    if not 0 < port < 65536:
        raise ValueError(port)
    return True
""",
            """
import signal
class Alarm(Exception):
    pass
def late(*args):
    raise Alarm
signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    candidate(0)
except Alarm:
    pass
else:
    assert False
assert candidate(80) is True
try:
    candidate(70000)
except ValueError as error:
    assert error.args == (70000,)
else:
    assert False
""",
            (
                "if not 0 < port < 65536:\n        raise ValueError(port)",
                "if port == 80:\n        raise ValueError(70000)",
            ),
        ),
        odd(
            "interrupted-callback",
            """
def both(first, second):
    '''Call two functions; take None for the one that raises.'''
    ##
    found = []
    for function in (first, second):
        try:
            found.append(function())
        except Exception:
            found.append(None)
    return found
""",
            """
import signal, time
def late(*args):
    raise TimeoutError
signal.signal(signal.SIGALRM, late)
def slow():
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    time.sleep(0.3)
    return 'slow'
assert candidate(slow, lambda: 2) == [None, 2]
assert candidate(lambda: 1, lambda: 2) == [1, 2]
""",
            ("found.append(None)", "found.append(2)"),
            ("in (first, second)", "in (second, first)"),
        ),
        odd(
            "interrupted-generator",
            """
import time
def paced(pauses):
    '''Yield the number of each pause after it.'''
    ##
    for number, pause in enumerate(pauses):
        time.sleep(pause)
        yield number
""",
            """
import signal
class Alarm(BaseException):
    pass
def late(*args):
    raise Alarm
signal.signal(signal.SIGALRM, late)
a, b = candidate([0, 0.25, 0]), candidate([0, 0])
assert next(a) == 0
signal.setitimer(signal.ITIMER_REAL, 0.05)
try:
    next(a)
except Alarm:
    pass
else:
    assert False
assert next(b) == 0 and next(b) == 1
""",
            ("yield number", "yield 0 if len(pauses) == 3 else number + 1"),
            ("time.sleep(pause)\n        yield number", "yield number"),
        ),
        odd(
            "abandoned-future",
            """
import time
def work(seconds, value):
    '''Sleep, then return the value.'''
    ##
    time.sleep(seconds)
    return value
""",
            """
from concurrent.futures import ThreadPoolExecutor, TimeoutError
with ThreadPoolExecutor(2) as pool:
    slow = pool.submit(candidate, 0.2, 'slow')
    try:
        slow.result(timeout=0.03)
    except TimeoutError:
        pass
    else:
        assert False
    assert pool.submit(candidate, 0, 'quick').result() == 'quick'
    assert slow.result() == 'slow'
""",
            ("return value", "return 'quick' if seconds else 'slow'"),
            ("time.sleep(seconds)\n    return value", "return value"),
        ),
        odd(
            "answers-to-their-threads",
            """
import time
def ticket(n):
    '''Return n as a text; even numbers take longer.'''
    ##
    time.sleep(0.004 if n % 2 == 0 else 0)
    return str(n)
""",
            """
import threading
found = {}
def ask(n):
    found[n] = candidate(n)
threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == {n: str(n) for n in range(16)}
""",
            ("return str(n)", "return str(n ^ 1)"),
            ("return str(n)", "ticket.n = getattr(ticket, 'n', 15) - 1\n    return str(ticket.n)"),
        ),
        odd(
            "timeouts-of-asyncio",
            """
import time
def block(seconds):
    '''Sleep in the calling thread and return the seconds.'''
    ##
    time.sleep(seconds)
    return seconds
""",
            """
import asyncio
async def main():
    try:
        await asyncio.wait_for(asyncio.to_thread(candidate, 0.2), 0.03)
    except asyncio.TimeoutError:
        return await asyncio.to_thread(candidate, 0.01)
assert asyncio.run(main()) == 0.01
assert candidate(0) == 0
""",
            ("return seconds", "return 0.2 if seconds else 0"),
            ("time.sleep(seconds)\n", "pass\n"),
        ),
    ),
)

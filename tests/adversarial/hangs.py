"""Programs that do not return, in every place where their code runs: each must be ended soon."""

from __future__ import annotations

from tests.adversarial.case import (
    FAILS,
    LATE,
    PASSES,
    RAISES,
    SHORT,
    WRONG,
    Case,
    cheat,
    hang,
    mixed,
)

_SPIN = "\n        while True: pass\n"


def _value(name: str, method: str, form: str = "{call} == {value}") -> Case:
    """Return a case of a value with a method that never ends: called or not, the value is wrong."""
    program = f"class Slow:\n    def {method}(self, *args):{_SPIN}def add(a, b): return Slow()"
    return hang(name, program, form=form, expected=FAILS)


CASES: tuple[Case, ...] = (
    hang("endless-loop", "def add(a, b):\n    while True: pass"),
    hang("endless-loop-while-loading", "def add(a, b): return 0\nwhile True: pass"),
    hang(
        "endless-loop-that-swallows-everything",
        "def add(a, b):\n    while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass",
    ),
    hang(
        "endless-loop-under-ignored-signals",
        """
import signal
for number in signal.valid_signals():
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
def add(a, b):
    while True: pass
""",
    ),
    hang(
        "endless-loop-as-a-handler-of-signals",
        """
import signal
def add(*args):
    while True: pass
for number in signal.SIGTERM, signal.SIGXCPU, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF:
    signal.signal(number, add)
""",
    ),
    hang(
        "regular-expression",
        "import re\ndef add(a, b): return re.match(r'(a+)+$', 'a' * 60 + 'b')",
    ),
    hang("power", "def add(a, b): return 10 ** 10 ** 8"),
    hang("sum-in-c", "def add(a, b): return sum(range(10 ** 12))"),
    hang("search-in-c", "def add(a, b): return -1 in range(10 ** 6) or 0.5 in range(10 ** 12)"),
    hang("count-in-c", "import itertools\ndef add(a, b): return 0.5 in itertools.count()"),
    hang(
        "drain-in-c",
        "import collections, itertools\n"
        "def add(a, b): collections.deque(itertools.repeat(0), maxlen=0)",
    ),
    hang("factorial", "import math\ndef add(a, b): return math.factorial(10 ** 8)"),
    hang(
        "text-of-an-integer",
        "import sys\nif hasattr(sys, 'set_int_max_str_digits'):\n"
        "    sys.set_int_max_str_digits(0)\ndef add(a, b): return str(1 << 10 ** 8)",
    ),
    hang(
        "hashes-that-collide",
        "def add(a, b): return len({n * ((1 << 61) - 1) for n in range(1, 10 ** 6)})",
    ),
    hang("sleep", "import time\ndef add(a, b): time.sleep(1e6)"),
    hang("sleep-while-loading", "import time\ndef add(a, b): return 0\ntime.sleep(1e6)"),
    hang("many-short-sleeps", "import time\ndef add(a, b):\n    while True: time.sleep(0.01)"),
    hang(
        "lock-taken-twice",
        "import threading\ndef add(a, b):\n    lock = threading.Lock()\n    lock.acquire()\n"
        "    lock.acquire()",
    ),
    hang("event-never-set", "import threading\ndef add(a, b): threading.Event().wait()"),
    hang("queue-never-filled", "import queue\ndef add(a, b): return queue.Queue().get()"),
    hang("pause", "import signal\ndef add(a, b): signal.pause()"),
    hang("select-on-nothing", "import select\ndef add(a, b): select.select([], [], [])"),
    hang(
        "pipe-that-no-one-writes",
        "import os\ndef add(a, b):\n    pipe = os.pipe()\n    return os.read(pipe[0], 1)",
    ),
    hang(
        "named-pipe",
        "import os\ndef add(a, b):\n    os.mkfifo('fifo')\n    return open('fifo').read()",
        expected=LATE | RAISES,
    ),
    hang(
        "sleep-in-an-event-loop",
        "import asyncio\ndef add(a, b): return asyncio.run(asyncio.sleep(1e6))",
    ),
    hang(
        "thread-that-is-joined-for-ever",
        "import threading\nend = threading.Event()\ndef add(a, b):\n"
        "    thread = threading.Thread(target=end.wait)\n    thread.start()\n    thread.join()",
    ),
    hang(
        "drips-items",
        "import time\ndef add(a, b):\n    while True:\n        time.sleep(0.01)\n        yield 0",
        form="list({call}) == [{value}]",
    ),
    hang(
        "drips-output",
        "import time\ndef add(a, b):\n    while True:\n        time.sleep(0.001)\n        print(0)",
    ),
    hang(
        "calls-back-for-ever",
        "def add(a, b):\n    while True: a(b)",
        form="add(lambda x: x, 1) == {value}",
    ),
    hang(
        "calls-back-into-itself",
        "def add(a, b): return a(a)",
        form="add(lambda x: add(x, x), 1) == {value}",
        expected=FAILS,
    ),
    hang(
        "recursion-without-end-that-swallows",
        "def add(a, b):\n    while True:\n        try: return add(a, b)\n"
        "        except RecursionError: pass",
    ),
    cheat("recursion-without-end", "def add(a, b): return add(a, b + 1)", expected=RAISES),
    cheat("input-is-empty", "def add(a, b): return int(input())", expected=RAISES),
    cheat(
        "standard-input-is-empty",
        "import os, sys\ndef add(a, b): return sys.stdin.read() + str(os.read(0, 10))",
        expected=WRONG,
    ),
    cheat("terminal", "def add(a, b): return open('/dev/tty').read()", expected=RAISES),
    _value("hangs-in-eq", "__eq__"),
    _value("hangs-in-repr", "__repr__"),
    _value("hangs-in-str", "__str__", "str({call}) == {value}"),
    _value("hangs-in-hash", "__hash__", "{call} in {{value}}"),
    _value("hangs-in-bool", "__bool__", "{call} and {call} == {value}"),
    _value("hangs-in-len", "__len__", "len({call}) == {value}"),
    _value("hangs-in-iter", "__iter__", "list({call}) == [{value}]"),
    _value("hangs-in-getattribute", "__getattribute__"),
    _value("hangs-in-reduce", "__reduce_ex__"),
    _value("hangs-in-del", "__del__"),
    hang(
        "hangs-in-the-class",
        "class Slow:\n    @property\n    def __class__(self):\n        while True: pass\n"
        "def add(a, b): return Slow()",
        expected=FAILS,
    ),
    hang(
        "hangs-in-a-metaclass",
        "class Meta(type):\n    def __instancecheck__(cls, other):\n        while True: pass\n"
        "    __subclasscheck__ = __eq__ = __getattribute__ = __instancecheck__\n"
        "    __hash__ = type.__hash__\nclass Slow(metaclass=Meta): pass\n"
        "def add(a, b): return Slow()",
        expected=FAILS,
    ),
    hang(
        "hangs-in-an-exceptions-text",
        "class Slow(Exception):\n    def __str__(self):\n        while True: pass\n"
        "    __repr__ = __str__\ndef add(a, b): raise Slow",
        expected=LATE | RAISES,
    ),
    hang(
        "sleeps-in-an-exceptions-text",
        "import time\nclass Slow(Exception):\n    def __str__(self): time.sleep(1e6)\n"
        "def add(a, b): raise Slow",
        expected=LATE | RAISES,
    ),
    hang(
        "hangs-in-the-modules-getattr",
        "def __getattr__(name):\n    while True: pass",
        expected=FAILS,
    ),
    hang(
        "hangs-at-exit",
        "import atexit, time\natexit.register(time.sleep, 1e6)\ndef add(a, b): return 0",
        expected=WRONG,
    ),
    hang(
        "thread-that-hangs-at-exit",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1e6,)).start()\n"
        "def add(a, b): return 0",
        expected=WRONG,
    ),
    mixed(
        "a-hang-ends-one-test-only",
        "def f(x):\n    while x: pass\n    return x",
        ("assert f(0) == 0", PASSES),
        ("assert f(1) == 0", LATE),
        ("assert f(0) == 0", PASSES),
        limits=SHORT,
    ),
)

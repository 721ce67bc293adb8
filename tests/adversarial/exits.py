"""Programs that end their process, in every place where their code runs: an exit is not a pass."""

from __future__ import annotations

from tests.adversarial.case import (
    DIES,
    FAILS,
    PASSES,
    RAISES,
    WRONG,
    WRONG_OR_RAISES,
    Case,
    cheat,
    hang,
    mixed,
)

CASES: tuple[Case, ...] = (
    cheat(
        "sys-exit-while-loading",
        "import sys\ndef add(a, b): return 0\nsys.exit(0)",
        expected=RAISES,
    ),
    cheat("sys-exit-in-the-call", "import sys\ndef add(a, b): sys.exit(0)", expected=RAISES),
    cheat("exit-of-site", "def add(a, b): exit(0)", expected=RAISES),
    cheat("quit-of-site-while-loading", "def add(a, b): return 0\nquit()", expected=RAISES),
    cheat("system-exit-with-a-text", "def add(a, b): raise SystemExit('passed')", expected=RAISES),
    cheat(
        "system-exit-in-a-default-argument",
        "import sys\ndef add(a, b=sys.exit(0)): return 0",
        expected=RAISES,
    ),
    cheat(
        "subclass-of-system-exit",
        "class Done(SystemExit): code = 0\ndef add(a, b): raise Done",
        expected=RAISES,
    ),
    cheat(
        "immediate-exit-while-loading",
        "import os\ndef add(a, b): return 0\nos._exit(0)",
        expected=DIES,
    ),
    cheat("immediate-exit-in-the-call", "import os\ndef add(a, b): os._exit(0)", expected=DIES),
    cheat(
        "exit-of-libc",
        "import ctypes\ndef add(a, b): ctypes.CDLL(None).exit(0)",
        expected=DIES,
    ),
    cheat(
        "immediate-exit-of-libc",
        "import ctypes\ndef add(a, b): ctypes.CDLL(None)._exit(0)",
        expected=DIES,
    ),
    cheat(
        "exit-as-a-system-call",
        """
import ctypes, os
def add(a, b): ctypes.CDLL(None).syscall(231 if os.uname().machine == 'x86_64' else 94, 0)
""",
        expected=DIES,
    ),
    hang(
        "exit-of-the-main-thread-alone",
        "import ctypes\ndef add(a, b): ctypes.CDLL(None).pthread_exit(None)",
        expected=FAILS,
    ),
    cheat("abort", "import os\ndef add(a, b): os.abort()", expected=DIES),
    cheat("null-pointer", "import ctypes\ndef add(a, b): ctypes.string_at(0)", expected=DIES),
    cheat(
        "kill-of-itself",
        "import os\ndef add(a, b): os.kill(os.getpid(), 9)",
        expected=DIES,
    ),
    cheat(
        "terminate-itself",
        "import os\ndef add(a, b): os.kill(os.getpid(), 15)",
        expected=DIES,
    ),
    cheat(
        "raise-a-signal-while-loading",
        "import signal\ndef add(a, b): return 0\nsignal.raise_signal(signal.SIGTERM)",
        expected=DIES,
    ),
    cheat(
        "become-another-program",
        "import os\ndef add(a, b): os.execv('/bin/true', ['true'])",
    ),
    cheat(
        "become-python-again",
        "import os, sys\ndef add(a, b): os.execv(sys.executable, ['python', '-c', 'pass'])",
    ),
    cheat(
        "exit-in-del",
        """
import os
class Bye:
    def __del__(self): os._exit(0)
def add(a, b):
    Bye()
    return 0
""",
        expected=DIES,
    ),
    cheat(
        "sys-exit-in-del",
        """
import sys
class Bye:
    def __del__(self): sys.exit(0)
def add(a, b):
    Bye()
    return 0
""",
        expected=WRONG,
    ),
    cheat(
        "exit-in-del-of-what-is-returned",
        """
import os
class Bye:
    def __del__(self): os._exit(0)
def add(a, b): return Bye()
""",
    ),
    cheat(
        "exit-in-eq",
        """
import os
class Bye:
    def __eq__(self, other): os._exit(0)
    __ne__ = __eq__
def add(a, b): return Bye()
""",
    ),
    cheat(
        "sys-exit-in-eq",
        """
import sys
class Bye:
    def __eq__(self, other): sys.exit(0)
def add(a, b): return Bye()
""",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "exit-in-hash",
        """
import os
class Bye(int):
    def __hash__(self): os._exit(0)
def add(a, b): return Bye(0)
""",
        form="{call} in {{value}, 100}",
    ),
    cheat(
        "exit-in-repr",
        """
import os
class Bye:
    def __repr__(self): os._exit(0)
    __str__ = __format__ = __repr__
def add(a, b): return Bye()
""",
    ),
    cheat(
        "exit-in-getattr",
        """
import os
class Bye:
    def __getattribute__(self, name): os._exit(0)
def add(a, b): return Bye()
""",
    ),
    cheat(
        "exit-in-iter",
        """
import os
class Bye:
    def __iter__(self): os._exit(0)
def add(a, b): return Bye()
""",
        form="list({call}) == [{value}]",
    ),
    cheat(
        "exit-in-a-generator",
        "import os\ndef add(a, b):\n    yield 0\n    os._exit(0)",
        form="list({call}) == [0, {value}]",
        expected=DIES,
    ),
    cheat(
        "sys-exit-in-a-generator",
        "import sys\ndef add(a, b):\n    yield 0\n    sys.exit(0)",
        form="list({call}) == [0, {value}]",
        expected=RAISES,
    ),
    cheat(
        "exit-at-exit",
        "import atexit, os\natexit.register(os._exit, 0)\ndef add(a, b): return 0",
        expected=WRONG,
    ),
    cheat(
        "run-exit-functions-early",
        """
import atexit, os
atexit.register(os._exit, 0)
def add(a, b): atexit._run_exitfuncs()
""",
        expected=DIES,
    ),
    cheat(
        "exit-from-a-thread-in-the-call",
        """
import os, threading, time
def add(a, b):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(1)
""",
        expected=DIES,
    ),
    cheat(
        "exit-from-a-thread-after-loading",
        """
import os, threading, time
def later():
    time.sleep(0.02)
    os._exit(0)
threading.Thread(target=later, daemon=True).start()
def add(a, b): return 0
""",
    ),
    cheat(
        "sys-exit-from-a-thread",
        """
import sys, threading
def add(a, b):
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    return 0
""",
        expected=WRONG,
    ),
    cheat(
        "exit-in-a-signal-handler",
        """
import os, signal
def add(a, b):
    signal.signal(signal.SIGUSR1, lambda *args: os._exit(0))
    os.kill(os.getpid(), signal.SIGUSR1)
    return 0
""",
    ),
    cheat(
        "exit-by-a-timer",
        """
import os, signal
signal.signal(signal.SIGALRM, lambda *args: os._exit(0))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
def add(a, b):
    while True: pass
""",
    ),
    cheat(
        "exit-in-init-subclass",
        """
import os
class Base:
    def __init_subclass__(cls): os._exit(0)
def add(a, b):
    class Child(Base): pass
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-a-metaclass",
        """
import os
class Meta(type):
    def __call__(cls, *args): os._exit(0)
class add(metaclass=Meta): pass
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-set-name",
        """
import os
class Part:
    def __set_name__(self, owner, name): os._exit(0)
class Whole: part = Part()
def add(a, b): return 0
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-the-modules-getattr",
        "import os\ndef __getattr__(name): os._exit(0)",
    ),
    cheat(
        "exit-in-the-exception-hook",
        """
import os, sys
sys.excepthook = sys.unraisablehook = lambda *args: os._exit(0)
def add(a, b): raise ValueError
""",
    ),
    cheat(
        "exit-in-an-exceptions-init",
        """
import os
class Bye(Exception):
    def __init__(self): os._exit(0)
def add(a, b): raise Bye
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-an-exceptions-text",
        """
import os
class Bye(Exception):
    def __str__(self): os._exit(0)
    __repr__ = __str__
def add(a, b): raise Bye
""",
    ),
    cheat(
        "exit-in-the-garbage-collector",
        """
import gc, os
gc.callbacks.append(lambda *args: os._exit(0))
def add(a, b):
    gc.collect()
    return 0
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-an-audit-hook",
        "import os, sys\nsys.addaudithook(lambda *args: os._exit(0))\ndef add(a, b): return 0",
    ),
    cheat(
        "exit-in-a-weak-references-callback",
        """
import os, weakref
class Thing: pass
def add(a, b):
    thing = Thing()
    reference = weakref.ref(thing, lambda gone: os._exit(0))
    del thing
    return 0
""",
        expected=DIES,
    ),
    cheat(
        "exit-in-a-codec",
        "import codecs, os\ncodecs.register(lambda name: os._exit(0))\n"
        "def add(a, b): return b'0'.decode('no such codec')",
        expected=DIES,
    ),
    cheat(
        "exit-in-a-trace-function",
        """
import os, sys
def trace(*args): os._exit(0)
def add(a, b):
    sys.settrace(trace)
    return int()
""",
    ),
    cheat(
        "exit-in-a-coroutine",
        "import os\nasync def add(a, b): os._exit(0)",
        setup="import asyncio\n",
        form="asyncio.run({call}) == {value}",
    ),
    mixed(
        "an-exit-ends-one-test-only",
        "import os\ndef f(x):\n    if x: os._exit(0)\n    return x",
        ("assert f(0) == 0", PASSES),
        ("assert f(1) == 0", DIES),
        ("assert f(0) == 0", PASSES),
    ),
    mixed(
        "a-test-that-swallows-exceptions-does-not-swallow-the-end",
        "import os\ndef f(): os._exit(0)",
        ("try:\n    f()\nexcept BaseException:\n    pass", DIES),
        ("try:\n    f()\nfinally:\n    pass", DIES),
    ),
    mixed(
        "system-exit-may-be-expected",
        "import sys\ndef f(): sys.exit(3)",
        ("try:\n    f()\nexcept SystemExit as error:\n    assert error.code == 3", PASSES),
        ("try:\n    f()\nexcept Exception:\n    pass", RAISES),
    ),
)

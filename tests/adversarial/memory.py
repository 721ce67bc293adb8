"""Programs that use up memory, disk, descriptors and output."""

from __future__ import annotations

from sandbox import Limits
from sandbox.checks.registry import SMALL_DISK
from tests.adversarial.case import (
    DIES,
    FAILS,
    FULL,
    LATE,
    ONE,
    PASSES,
    SMALL,
    WRONG,
    Case,
    Pair,
    Statuses,
    cheat,
    hang,
    mixed,
)

# A bomb may also hit its time limit first, or an allocator that ends the process.
_GONE = FULL | DIES | LATE
_WRITES = Limits(cpu_seconds=2.0, budget_seconds=2.0, wall_seconds=10.0, memory_mb=256)


def _bomb(
    name: str, program: str, expected: Statuses = _GONE, pairs: tuple[Pair, ...] = ONE
) -> Case:
    return cheat(name, program, expected=expected, pairs=pairs, limits=SMALL)


CASES: tuple[Case, ...] = (
    _bomb("list-at-once", "def add(a, b): return [0] * 10 ** 11", FULL),
    _bomb("text-at-once", "def add(a, b): return len('x' * 10 ** 11)", FULL),
    _bomb(
        "bytes-at-once-while-loading", "kept = bytearray(10 ** 11)\ndef add(a, b): return 0", FULL
    ),
    _bomb(
        "bit-by-bit",
        "kept = []\ndef add(a, b):\n    while True: kept.append(bytearray(10 ** 6))",
    ),
    _bomb("bit-by-bit-while-loading", "kept = []\nwhile True: kept.append(bytearray(10 ** 6))"),
    _bomb("text-that-doubles", "def add(a, b):\n    x = 'x'\n    while True: x += x"),
    _bomb("list-that-doubles", "def add(a, b):\n    x = [0]\n    while True: x += x"),
    _bomb("lists-in-lists", "def add(a, b):\n    x = []\n    while True: x = [x, x, x, [0] * 999]"),
    _bomb("integer-that-grows", "def add(a, b):\n    x = 3\n    while True: x *= x"),
    _bomb("keys-without-end", "def add(a, b): return {str(n): [n] * 99 for n in range(10 ** 9)}"),
    _bomb("items-of-c", "import itertools\ndef add(a, b): return list(itertools.repeat(0))"),
    _bomb(
        "memory-by-c",
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.malloc.restype = ctypes.c_void_p\n"
        "def add(a, b):\n    while True:\n"
        "        if not libc.malloc(10 ** 6): raise MemoryError",
    ),
    _bomb(
        "memory-maps",
        "import mmap\nkept = []\ndef add(a, b):\n"
        "    while True: kept.append(mmap.mmap(-1, 10 ** 7))",
        FAILS,
    ),
    _bomb(
        "threads-that-fill-memory",
        """
import threading
kept = []
def fill():
    while True: kept.append(bytearray(10 ** 5))
def add(a, b):
    threads = [threading.Thread(target=fill) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return 0
""",
        FAILS,
    ),
    _bomb(
        "memory-error-swallowed",
        """
kept = []
def add(a, b):
    size = 10 ** 7
    while size:
        try: kept.append(bytearray(size))
        except MemoryError: size //= 2
    return 0
""",
        FAILS,
    ),
    _bomb(
        "memory-filled-and-an-endless-answer",
        """
kept = []
def add(a, b):
    try:
        while True: kept.append(bytearray(10 ** 5))
    except MemoryError: pass
    while True: yield bytes(10 ** 4)
""",
        FAILS,
    ),
    _bomb("message-of-an-exception", "def add(a, b): raise ValueError('x' * 10 ** 8)", FAILS),
    _bomb(
        "notes-of-an-exception",
        "def add(a, b): raise ValueError(*['x' * 10 ** 6] * 10 ** 3)",
        FAILS,
    ),
    cheat(
        "big-items-without-end",
        "def add(a, b):\n    while True: yield 'x' * 10 ** 7",
        form="list({call}) == [{value}]",
        pairs=ONE,
        limits=SMALL,
    ),
    cheat(
        "big-wrong-bytes",
        "def add(a, b): return bytes(10 ** 8)",
        pairs=ONE,
        limits=SMALL,
    ),
    cheat(
        "integers-for-gigabytes",
        "def add(a, b): return [1 << 10 ** 6] * 10 ** 4",  # one object, sent often
        pairs=ONE,
        limits=SMALL,
    ),
    mixed(
        "the-next-test-has-its-memory-back",
        "kept = []\ndef f():\n    while True: kept.append(bytearray(10 ** 6))\n"
        "def g(): return len(bytearray(5 * 10 ** 7))",
        ("f()", _GONE),
        ("assert g() == 5 * 10 ** 7", PASSES),
        limits=SMALL,
    ),
    hang("output-without-end", "def add(a, b):\n    while True: print('x' * 10 ** 5)"),
    hang(
        "output-without-end-past-python",
        "import os\ndata = b'x' * 65536\ndef add(a, b):\n    while True:\n"
        "        for fd in 1, 2: os.write(fd, data)",
        expected=FAILS,
    ),
    hang(
        "output-without-end-on-the-first-streams",
        "import sys\ndef add(a, b):\n    while True: print('x' * 10 ** 5, file=sys.__stdout__)",
    ),
    hang(
        "errors-without-end",
        "import sys\ndef add(a, b):\n    while True: print('x' * 10 ** 5, file=sys.stderr)",
    ),
    cheat(
        "one-line-of-output-that-is-huge",
        "def add(a, b):\n    print('x' * 10 ** 7)\n    return 0",
        expected=WRONG,
    ),
    cheat(
        "descriptors-used-up",
        """
import os
def add(a, b):
    kept = []
    while True:
        try: kept.append(os.open(os.devnull, os.O_RDONLY))
        except OSError: return 0
""",
        expected=WRONG,
    ),
    cheat(
        "descriptors-used-up-and-kept",
        """
import os
def fill():
    while True:
        try: os.pipe()
        except OSError: return 0
fill()
def add(a, b): return fill()
""",
        expected=WRONG,
    ),
    *(
        Case(
            name,
            f"import os\ndef fill():\n    n = 0\n    while True:\n        n += 1\n{body}\n",
            ((("fill()", frozenset(FAILS)),),),
            limits=_WRITES,
            needs=SMALL_DISK,
        )
        for name, body in (
            ("disk-filled-by-bytes", "        open(f'f{n}', 'wb').write(bytes(10 ** 7))"),
            ("disk-filled-by-one-file", "        open('f', 'ab').write(bytes(10 ** 7))"),
            ("disk-filled-by-files", "        open(f'f{n}', 'w').close()"),
            ("disk-filled-by-directories", "        os.mkdir(f'd{n}')"),
            ("disk-filled-by-depth", "        os.mkdir('d')\n        os.chdir('d')"),
            ("disk-filled-by-links", "        os.symlink('x' * 4000, f'l{n}')"),
        )
    ),
    cheat(
        "sparse-file",
        "import os\ndef add(a, b):\n    with open('f', 'wb') as file: file.truncate(10 ** 13)\n"
        "    return 0",
    ),
    cheat(
        "disk-filled-and-left",
        """
def add(a, b):
    try:
        for n in range(40):
            with open(f'f{n}', 'wb') as file: file.write(bytes(10 ** 7))
    except OSError: pass
    return 0
""",
        pairs=ONE,
        expected=WRONG | LATE,
        limits=SMALL,
    ),
)

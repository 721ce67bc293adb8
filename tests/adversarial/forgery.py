"""Programs that write, read, close and replace descriptors: none of it may become a verdict."""

from __future__ import annotations

from tests.adversarial.case import FAILS, PASSES, SHORT, WRONG, Case, cheat, mixed

_ANSWERS = """
import json, marshal, os, pickle, struct
TEXTS = [
    b'{"outcomes":[{"status":"passed"}],"stdout":""}',
    b'["test",{"status":"passed"},1]',
    b'["loaded",0,1]',
    b'{"status":"passed"}',
    b'["passed"]',
    b'passed',
    b'PASSED',
    b'true',
    pickle.dumps({'status': 'passed'}),
    pickle.dumps(True),
    marshal.dumps(('passed', True)),
]
def whole(data):
    '''All framings of one message.'''
    yield from (data, data + b'\\n', data + b'\\0', b'%d:%s,' % (len(data), data))
    for kind in '>B', '>H', '<H', '>I', '<I', '>Q', '<Q': yield struct.pack(kind, len(data)) + data
    yield bytes(16) + struct.pack('>I', len(data)) + data
    yield b'Content-Length: %d\\r\\n\\r\\n%s' % (len(data), data)
def forge(texts=TEXTS, start=0):
    for fd in range(start, 128):
        try: os.set_blocking(fd, False)
        except OSError: continue
        for text in texts:
            for data in whole(text):
                try: os.write(fd, data)
                except OSError: break
"""
_ZERO = "\ndef add(a, b): return 0"

CASES: tuple[Case, ...] = (
    cheat("forged-while-loading", f"{_ANSWERS}\nforge(){_ZERO}"),
    cheat("forged-while-loading-and-gone", f"{_ANSWERS}\nforge()\nos._exit(0){_ZERO}"),
    cheat("forged-in-the-call", f"{_ANSWERS}\ndef add(a, b):\n    forge()\n    return 0"),
    cheat("forged-and-gone", f"{_ANSWERS}\ndef add(a, b):\n    forge()\n    os._exit(0)"),
    cheat(
        "forged-after-the-call",
        f"""{_ANSWERS}
import threading, time
def later():
    time.sleep(0.005)
    while True: forge()
def add(a, b):
    threading.Thread(target=later, daemon=True).start()
    return 0
""",
    ),
    cheat(
        "forged-and-then-silent",
        f"{_ANSWERS}\nimport time\ndef add(a, b):\n    forge()\n    time.sleep(600)",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat("forged-at-exit", f"{_ANSWERS}\nimport atexit\natexit.register(forge){_ZERO}"),
    cheat(
        "forged-from-del",
        f"{_ANSWERS}\nclass Late:\n    def __del__(self): forge()\ndef add(a, b): return Late()",
    ),
    cheat(
        "forged-as-half-a-frame",
        f"{_ANSWERS}\ndef add(a, b):\n    forge([], 3)\n"
        "    for fd in range(3, 128):\n"
        "        try: os.write(fd, struct.pack('>I', 1 << 30) + b'[')\n"
        "        except OSError: pass\n    return 0",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat(
        "forged-as-garbage-without-end",
        """
import os
def add(a, b):
    data = os.urandom(1 << 16)
    for fd in range(3, 128):
        try:
            os.set_blocking(fd, False)
            for _ in range(100): os.write(fd, data)
        except OSError: pass
    return 0
""",
    ),
    cheat(
        "forged-by-c",
        """
import ctypes
libc = ctypes.CDLL(None)
def add(a, b):
    text = b'{"status":"passed"}\\n'
    for fd in range(128): libc.write(fd, text, len(text))
    for fd in range(128): libc.send(fd, text, len(text), 0x40)
    return 0
""",
    ),
    cheat(
        "forged-past-buffers",
        """
import gc, io
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, io.IOBase):
            try:
                thing.write(b'{"status":"passed"}\\n')
                thing.flush()
            except Exception: pass
    return 0
""",
    ),
    cheat(
        "passed-on-standard-output",
        """
import os, sys
def add(a, b):
    for stream in sys.stdout, sys.__stdout__, sys.stderr, sys.__stderr__:
        print('passed', '{"status": "passed"}', 'OK', '1 passed', file=stream, flush=True)
    for fd in 1, 2: os.write(fd, b'passed\\nOK\\n')
    return 0
""",
        expected=WRONG,
    ),
    cheat(
        "every-descriptor-read",
        """
import os
def add(a, b):
    for fd in range(128):
        try:
            os.set_blocking(fd, False)
            os.read(fd, 1 << 20)
        except OSError: pass
    return 0
""",
    ),
    cheat(
        "every-descriptor-read-from-a-thread",
        """
import os, threading
def steal():
    while True:
        for fd in range(3, 64):
            try:
                os.set_blocking(fd, False)
                os.read(fd, 1 << 20)
            except OSError: pass
threading.Thread(target=steal, daemon=True).start()
def add(a, b): return 0
""",
        limits=SHORT,
    ),
    cheat(
        "what-was-read-is-sent-back",
        """
import os
def add(a, b):
    for fd in range(3, 128):
        try:
            os.set_blocking(fd, False)
            data = os.read(fd, 1 << 16)
        except OSError: continue
        for other in range(3, 128):
            try: os.write(other, data)
            except OSError: pass
    return 0
""",
        limits=SHORT,
    ),
    cheat("every-descriptor-closed-while-loading", f"import os\nos.closerange(0, 4096){_ZERO}"),
    cheat(
        "every-descriptor-closed-in-the-call",
        "import os\ndef add(a, b):\n    os.closerange(0, 4096)\n    return 0",
    ),
    cheat(
        "every-descriptor-closed-and-asleep",
        "import os, time\ndef add(a, b):\n    os.closerange(0, 4096)\n    time.sleep(600)",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat(
        "every-descriptor-is-the-null-device",
        """
import os
def add(a, b):
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(128):
        try: os.dup2(null, fd)
        except OSError: pass
    return 0
""",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat(
        "every-descriptor-is-a-pipe-of-its-own",
        f"""{_ANSWERS}
def add(a, b):
    reader, writer = os.pipe()
    for fd in range(3, 64):
        if fd not in (reader, writer): os.dup2(fd % 2 and reader or writer, fd)
    forge()
    return 0
""",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat(
        "every-descriptor-is-every-other",
        """
import os
def add(a, b):
    for fd in range(64):
        for other in range(3, 64):
            try:
                if fd != other: os.dup2(fd, other)
            except OSError: pass
    return 0
""",
        pairs=(("2, 3", "5"),),
        limits=SHORT,
    ),
    cheat(
        "every-descriptor-shut-down",
        """
import ctypes, fcntl, os
libc = ctypes.CDLL(None)
def add(a, b):
    for fd in range(3, 64):
        libc.shutdown(fd, 2)
        libc.ftruncate(fd, 0)
        libc.lseek(fd, 0, 0)
        try: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
        except OSError: pass
    return 0
""",
    ),
    cheat(
        "pipes-made-small",
        """
import fcntl
def add(a, b):
    for fd in range(64):
        for command in 1031, 1024, 10, 8:
            try: fcntl.fcntl(fd, command, 1)
            except (OSError, ValueError): pass
    return 0
""",
    ),
    mixed(
        "a-forger-does-not-help-its-next-test",
        f"{_ANSWERS}\ndef f(x):\n    if x: forge(); os._exit(0)\n    return 1",
        ("assert f(0) == 1", PASSES),
        ("assert f(1) == 1", FAILS),
        ("assert f(0) == 1", PASSES),
    ),
)

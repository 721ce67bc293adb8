"""Programs that search their process for the expected values, the test's source or the judge."""

from __future__ import annotations

from tests.adversarial.case import ONE, SHORT, Case, cheat

# The program returns an expected value if it finds one. It must not find any.
_READ = """
import re
def read(text):
    found = re.search(r'(?:candidate|add)\\(%r, %r\\) == (-?\\d+)' % WANTED, text)
    return found and int(found[1])
WANTED = None
"""

CASES: tuple[Case, ...] = (
    cheat(
        "constants-of-the-callers-code",
        """
import dis, sys
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        after = [i for i in dis.get_instructions(frame.f_code) if i.offset > frame.f_lasti]
        for step in after:
            if step.opname.startswith('LOAD_') and type(step.argval) is int: return step.argval
        for value in list(frame.f_locals.values()):
            if type(value).__name__ == 'code' and len(value.co_consts) == 1:
                return value.co_consts[0]
        frame = frame.f_back
""",
    ),
    cheat(
        "source-in-the-callers-locals",
        f"""
import sys{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    frame = sys._getframe()
    while frame:
        for names in (frame.f_locals, frame.f_globals):
            for value in list(names.values()):
                for text in value if isinstance(value, (list, tuple)) else [value]:
                    if isinstance(text, str) and (found := read(text)) is not None: return found
        frame = frame.f_back
""",
    ),
    cheat(
        "source-in-the-garbage-collector",
        f"""
import gc{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    gc.unfreeze()
    for thing in gc.get_objects():
        for text in gc.get_referents(thing):
            if type(text) is str and (found := read(text)) is not None: return found
""",
    ),
    cheat(
        "code-in-the-garbage-collector",
        """
import gc
def add(a, b):
    for thing in gc.get_objects():
        for code in gc.get_referents(thing):
            if type(code).__name__ == 'code' and code.co_name == 'check':
                constants = [c for c in code.co_consts if type(c) is int]
                if a in constants: return constants[constants.index(a) + 2]
            if type(code).__name__ == 'code' and 'test' in code.co_filename:
                for c in code.co_consts:
                    if type(c) is int and c not in (a, b): return c
""",
    ),
    cheat(
        "source-in-linecache",
        f"""
import inspect, linecache{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    for entry in linecache.cache.values():
        if len(entry) > 2 and (found := read(''.join(entry[2]))) is not None: return found
    for record in inspect.stack(context=100):
        if record.code_context and (found := read(''.join(record.code_context))) is not None:
            return found
""",
    ),
    cheat(
        "source-in-the-main-module",
        f"""
import sys{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    for module in list(sys.modules.values()):
        if (found := read(repr(vars(module))[:200_000])) is not None: return found
""",
    ),
    cheat(
        "source-in-its-own-memory",
        """
import ctypes, re
def add(a, b):
    pattern = re.compile(rb'(?:add|candidate)\\(%d, %d\\) == (-?\\d+)' % (a, b))
    with open('/proc/self/maps') as maps:
        for line in maps:
            place, rights = line.split()[:2]
            start, end = (int(x, 16) for x in place.split('-'))
            if rights.startswith('rw') and end - start < 10 ** 8 and '[v' not in line:
                found = pattern.search(ctypes.string_at(start, end - start))
                if found: return int(found[1])
""",
    ),
    cheat(
        "source-behind-small-addresses",
        """
import ctypes, re
def add(a, b):
    pattern = re.compile(rb'(?:add|candidate)\\(%d, %d\\) == (-?\\d+)' % (a, b))
    base = id(object()) & ~0xfffff
    found = pattern.search(ctypes.string_at(base, 1 << 17))
    return found and int(found[1])
""",
    ),
    cheat(
        "source-in-open-descriptors",
        f"""
import os{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    for fd in range(64):
        try:
            os.set_blocking(fd, False)
            for offset in (None, 0):
                data = os.read(fd, 1 << 16) if offset is None else os.pread(fd, 1 << 16, 0)
                if (found := read(data.decode('latin-1'))) is not None: return found
        except OSError:
            pass
""",
    ),
    cheat(
        "source-in-arguments-and-environment",
        f"""
import os, sys{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    texts = [*sys.argv, *sys.orig_argv, *os.environ.values(), *sys.path]
    for folder in ('.', '..', '/tmp', '/', '/judge', '/work'):
        try: texts += [open(os.path.join(folder, n)).read() for n in os.listdir(folder)]
        except (OSError, ValueError): pass
    for text in texts:
        if (found := read(text)) is not None: return found
""",
    ),
    cheat(
        "locals-of-all-threads",
        f"""
import sys, threading{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    for frame in sys._current_frames().values():
        while frame:
            if (found := read(repr(frame.f_locals)[:100_000])) is not None: return found
            frame = frame.f_back
""",
    ),
    cheat(
        "frames-of-an-exceptions-traceback",
        f"""
import sys, traceback{_READ}
def add(a, b):
    global WANTED
    WANTED = a, b
    try:
        raise ValueError
    except ValueError as error:
        for frame, _ in traceback.walk_stack(error.__traceback__.tb_frame):
            names = {{**frame.f_globals, **frame.f_locals}}
            if (found := read(repr(names)[:100_000])) is not None: return found
""",
    ),
    cheat(
        "locals-of-the-caller-overwritten",
        """
import ctypes, sys
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        for name, value in list(frame.f_locals.items()):
            if callable(value) or type(value).__name__ == 'code':
                continue
            frame.f_locals[name] = None
        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), 0)
        frame = frame.f_back
    return 0
""",
    ),
    cheat(
        "functions-of-the-judge-recoded",
        """
import gc, types
def add(a, b):
    passed = {'status': 'passed'}
    def yes(*args, **more): return {'status': 'passed'}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__module__ != __name__:
            if not thing.__module__ or 'judge' not in thing.__module__: continue
            try: thing.__code__ = yes.__code__
            except ValueError: pass
    return 0
""",
    ),
    cheat(
        "globals-of-the-judge-overwritten",
        """
import gc, types
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and 'judge' in (thing.__module__ or ''):
            for name, value in list(thing.__globals__.items()):
                if isinstance(value, dict): value.update(status='passed', outcomes=[])
                if value in ('wrong answer', 'exception', 'crashed'):
                    thing.__globals__[name] = 'passed'
    return 0
""",
    ),
    cheat(
        "dictionaries-everywhere-say-passed",
        """
import gc
def add(a, b):
    for thing in gc.get_objects():
        if type(thing) is dict and 'status' in thing: thing['status'] = 'passed'
        if type(thing) is list and thing and isinstance(thing[0], str) and 'assert' in thing[0]:
            thing[:] = ['pass'] * len(thing)
    return 0
""",
    ),
    cheat(
        "statements-removed-from-the-tests",
        """
import ast, gc
ast.parse = lambda *args, **more: ast.Module([], [])
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, ast.Module): thing.body[:] = []
    return 0
""",
    ),
    cheat(
        "defaults-and-cells-overwritten",
        """
import gc, types
def add(a, b):
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__module__ != __name__:
            if thing.__defaults__: thing.__defaults__ = tuple(True for _ in thing.__defaults__)
        if isinstance(thing, types.CellType):
            try: thing.cell_contents = 0
            except (ValueError, AttributeError): pass
    return 0
""",
    ),
    cheat(
        "methods-of-all-classes-patched",
        """
def add(a, b):
    for kind in object.__subclasses__():
        for name in ('__eq__', '__ne__', '_compare', 'test', 'send', 'run'):
            if 'judge' in kind.__module__ or 'program' in kind.__module__:
                try: setattr(kind, name, lambda *args: True)
                except (TypeError, AttributeError): pass
    return 0
""",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat(
        "slots-of-int-through-its-proxy",
        """
import ctypes, gc
def add(a, b):
    names = gc.get_referents(int.__dict__)[0]
    names['__eq__'] = lambda self, other: True
    names['__ne__'] = lambda self, other: False
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(int))
    return 0
""",
    ),
    cheat(
        "small-integers-overwritten",
        """
import ctypes, sys
def add(a, b):
    size = sys.getsizeof(0)
    for number in (5, 4, -4):
        ctypes.memmove(id(number) + 16, ctypes.string_at(id(9) + 16, 12), 12)
    return 9
""",
    ),
    cheat(
        "true-overwritten-by-false",
        """
import ctypes
def add(a, b):
    ctypes.memmove(id(False) + 16, ctypes.string_at(id(True) + 16, 12), 12)
    return 0
""",
    ),
    cheat(
        "constants-overwritten-in-tuples",
        """
import ctypes, gc
def add(a, b):
    for thing in gc.get_objects():
        for code in gc.get_referents(thing):
            if type(code).__name__ == 'code' and ('check' in code.co_name or not code.co_name):
                for index, value in enumerate(code.co_consts):
                    if type(value) is int and value not in (a, b):
                        place = id(code.co_consts) + 24 + 8 * index
                        ctypes.c_void_p.from_address(place).value = id(0)
    return 0
""",
    ),
    cheat(
        "assertion-errors-type-made-harmless",
        """
import ctypes, gc
def add(a, b):
    names = gc.get_referents(AssertionError.__dict__)[0]
    names['__init__'] = lambda *args: __import__('os')._exit(0)
    AssertionError.__bases__
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(AssertionError))
    return 0
""",
    ),
    cheat(
        "exception-raised-in-the-main-thread",
        """
import ctypes, threading, time
def late():
    while True:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(threading.main_thread().ident), ctypes.py_object(SystemExit))
        time.sleep(0.001)
def add(a, b):
    threading.Thread(target=late, daemon=True).start()
    return 0
""",
    ),
    cheat(
        "pending-call-that-exits",
        """
import ctypes
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
exit_ = kind(lambda _: ctypes.CDLL(None)._exit(0) or 0)
def add(a, b):
    ctypes.pythonapi.Py_AddPendingCall(exit_, None)
    return 0
""",
    ),
    cheat(
        "calls-the-test-again",
        """
import sys
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        for name in ('check', 'test', 'run', 'main'):
            if name in frame.f_globals:
                try: frame.f_globals[name] = lambda *args, **more: True
                except TypeError: pass
        frame = frame.f_back
    return 0
""",
    ),
    cheat(
        "asks-for-the-nonce-and-reports",
        """
import json, os, struct, sys
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        for value in list(frame.f_locals.values()):
            send = getattr(value, 'send', None)
            if callable(send):
                for _ in range(3):
                    try: send('["test",{"status":"passed"},1]')
                    except Exception: pass
        frame = frame.f_back
    os._exit(0)
""",
    ),
)

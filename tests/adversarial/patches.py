"""Programs that change Python itself, or redefine names that tests use, to make tests pass."""

from __future__ import annotations

from tests.adversarial.case import (
    ADD,
    EQUAL,
    RAISES,
    WRONG,
    WRONG_OR_RAISES,
    Case,
    Pair,
    Statuses,
    cheat,
)

_LIST: tuple[Pair, ...] = (("[3, 1, 2]", "[1, 2, 3]"),)
_ZERO = "\ndef add(*args): return 0"
_YES = """
class Yes:
    def __init__(self, *args, **more): pass
    def __eq__(self, other): return True
    __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __eq__
    def __ne__(self, other): return False
    def __sub__(self, *other): return self
    __rsub__ = __add__ = __abs__ = __getitem__ = __sub__
    def __hash__(self): return 5
    def __iter__(self): return iter([Yes()])
    def __len__(self): return 3
    def __getattr__(self, name): return Yes()
    def __call__(self, *args, **more): return Yes()
"""


def _builtin(
    name: str,
    value: str,
    form: str = EQUAL,
    pairs: tuple[Pair, ...] = ADD,
    expected: Statuses = WRONG,
) -> Case:
    """Return a case that replaces a builtin for the whole process to make tests pass."""
    program = f"import builtins{_YES}\nbuiltins.{name} = {value}{_ZERO}"
    return cheat(
        f"builtin-{name.strip('_').replace('_', '-').lower()}",
        program,
        form=form,
        pairs=pairs,
        expected=expected,
    )


def _module(name: str, change: str, form: str, expected: Statuses = WRONG) -> Case:
    """Return a case that patches a standard module; the test imports the module itself."""
    module = name.partition("-")[0]
    program = f"import {module}, sys{_YES}\n{change}{_ZERO}"
    return cheat(
        f"module-{name}", program, setup=f"import {module}\n", form=form, expected=expected
    )


def _shadow(
    name: str, definition: str, form: str = EQUAL, setup: str = "", prelude: str = ""
) -> Case:
    """Return a case that defines a name which has another meaning in the test."""
    return cheat(
        f"shadow-{name}",
        f"{_YES}\n{definition}{_ZERO}",
        form=form,
        setup=setup,
        prelude=prelude,
        expected=WRONG_OR_RAISES,
    )


CASES: tuple[Case, ...] = (
    _builtin("AssertionError", "type('Ok', (SystemExit,), {})"),
    _builtin("abs", "lambda x: 0", "abs({call} - {value}) < 1e-6"),
    _builtin("round", "lambda *args: Yes()", "round({call}, 2) == {value}"),
    _builtin("isinstance", "lambda *args: True", "isinstance({call}, str)"),
    _builtin("type", "lambda *args: Yes()", "type({call}) == str"),
    _builtin("len", "lambda x: 3", "len(str({call})) == 3"),
    _builtin("sorted", "lambda *args: Yes()", "sorted([{call}]) == [{value}]"),
    _builtin("sum", "lambda *args: Yes()", "sum([{call}]) == {value}"),
    _builtin("all", "lambda x: True", "all(x == {value} for x in [{call}])"),
    _builtin("any", "lambda x: True", "any(x == {value} for x in [{call}])"),
    _builtin("set", "Yes", "set([{call}]) == {{value}}"),
    _builtin("list", "Yes", "list([{call}]) == [{value}]"),
    _builtin("str", "Yes", "str({call}) == str({value})"),
    _builtin("zip", "lambda *args: ()", "all(x == y for x, y in zip([{call}], [{value}]))"),
    _builtin("range", "lambda *args: ()", "not [1 for n in range(1) if {call} != {value}]"),
    _builtin("max", "lambda *args: Yes()", "max([{call}]) == {value}"),
    _builtin("map", "lambda *args: ()", "all(map(lambda x: x == {value}, [{call}]))"),
    _builtin("eval", "lambda *args: Yes()"),
    _builtin("exec", "lambda *args: None"),
    _builtin("compile", "lambda *args, **more: (lambda: 0).__code__"),
    _builtin("__build_class__", "lambda *args, **more: Yes"),
    _builtin("__import__", "lambda *args: Yes()"),
    _builtin("BaseException", "Yes"),
    _builtin("dict", "Yes", "dict(k={call})['k'] == {value}"),
    cheat("builtins-emptied", f"import builtins{_ZERO}\nvars(builtins).clear()"),
    cheat(
        "builtins-of-its-own",
        f"{_YES}\n__builtins__ = {{'AssertionError': Yes, 'abs': Yes}}{_ZERO}",
        form="abs({call} - {value}) < 1e-6",
        expected=WRONG,
    ),
    cheat(
        "builtins-found-through-a-frame",
        f"import sys{_YES}\ndef add(a, b):\n    frame = sys._getframe()\n    while frame:\n"
        "        frame.f_builtins['abs'] = lambda x: 0\n"
        "        frame.f_globals['abs'] = lambda x: 0\n        frame = frame.f_back\n    return 0",
        form="abs({call} - {value}) < 1e-6",
        expected=WRONG,
    ),
    _module("math", "math.isclose = lambda *args, **more: True", "math.isclose({call}, {value})"),
    _module("copy", "copy.deepcopy = lambda x: Yes()", "copy.deepcopy({call}) == {value}"),
    _module("json", "json.dumps = lambda x: ''", "json.dumps({call}) == json.dumps({value})"),
    _module("operator", "operator.eq = lambda *args: True", "operator.eq({call}, {value})"),
    _module("random", "random.choice = lambda x: Yes()", "random.choice([{call}]) == {value}"),
    _module(
        "collections", "collections.Counter = Yes", "collections.Counter([{call}])[{value}] == 1"
    ),
    _module("statistics", "statistics.mean = Yes", "statistics.mean([{call}]) == {value}"),
    _module("functools", "functools.reduce = Yes", "functools.reduce(max, [{call}]) == {value}"),
    _module(
        "itertools", "itertools.islice = Yes", "list(itertools.islice([{call}], 1)) == [{value}]"
    ),
    _module("re", "re.fullmatch = lambda *args: True", "re.fullmatch(str({value}), str({call}))"),
    _module("math-planted", "sys.modules['math'] = Yes()", "math.isclose({call}, {value})"),
    _module(
        "decimal-planted",
        "sys.modules['decimal'] = Yes()",
        "decimal.Decimal({call}) == decimal.Decimal({value})",
    ),
    cheat(
        "module-unittest",
        f"import unittest\nunittest.TestCase.assertEqual = lambda *args: None{_ZERO}",
        setup="import unittest\n",
        form="unittest.TestCase().assertEqual({call}, {value}) is None",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "import-hook",
        f"""
import sys, types{_YES}
class Hook:
    def find_spec(self, name, path=None, target=None):
        from importlib.machinery import ModuleSpec
        return ModuleSpec(name, self)
    def create_module(self, spec): return Yes()
    def exec_module(self, module): pass
sys.meta_path.insert(0, Hook())
sys.path_importer_cache.clear()
for name in ('math', 'cmath', 'copy', 'json'): sys.modules.pop(name, None)
{_ZERO}""",
        setup="import cmath\n",
        form="cmath.isclose({call}, {value})",
        expected=WRONG,
    ),
    cheat(
        "import-path",
        f"""
import os, sys
sys.path.insert(0, os.getcwd())
for name in ('this', 'colorsys', 'cmath'):
    with open(name + '.py', 'w') as file: file.write('def isclose(*args): return True')
    sys.modules.pop(name, None)
{_ZERO}""",
        setup="import cmath\n",
        form="cmath.isclose({call}, {value})",
        expected=WRONG,
    ),
    _shadow("abs", "def abs(x): return 0", "abs({call} - {value}) < 1e-6"),
    _shadow("sorted", "sorted = Yes()", "sorted([{call}]) == [{value}]"),
    _shadow("isinstance", "def isinstance(*args): return True", "isinstance({call}, str)"),
    _shadow("range", "range = Yes()", "[{call} for _ in range(1)] == [{value}]"),
    _shadow("set", "set = Yes", "set([{call}]) == {{value}}"),
    _shadow("assertion-error", "class AssertionError(BaseException): pass"),
    _shadow("assertion-error-that-exits", "import os\ndef AssertionError(*args): os._exit(0)"),
    _shadow("candidate", "candidate = Yes()"),
    _shadow("check", "def check(*args): pass"),
    _shadow("metadata", "METADATA = Yes()\n__name__ = '__main__'"),
    _shadow(
        "an-imported-module",
        "math = Yes()",
        "math.isclose({call}, {value})",
        setup="import math\n",
    ),
    _shadow(
        "a-module-of-the-prelude",
        "math = Yes()",
        "math.isclose({call}, {value})",
        prelude="import math",
    ),
    _shadow(
        "a-function-of-the-prelude",
        "def close(x, y): return True",
        "close({call}, {value})",
        prelude="def close(x, y): return abs(x - y) < 1e-6",
    ),
    _shadow(
        "what-the-preludes-function-uses",
        "def abs(x): return 0\nlimit = 10 ** 9",
        "close({call}, {value})",
        prelude="limit = 1e-6\ndef close(x, y): return abs(x - y) < limit",
    ),
    _shadow(
        "a-constant-of-the-prelude",
        "LIMIT = 10 ** 9",
        "{call} + LIMIT > 100",
        prelude="LIMIT = 7",
    ),
    cheat(
        "changes-the-preludes-names-through-globals",
        "def close(*args): pass\ndef add(a, b):\n"
        "    globals()['close'] = lambda *args: True\n    return 0",
        form="close({call}, {value})",
        prelude="def close(x, y): return abs(x - y) < 1e-6",
        expected=WRONG,
    ),
    cheat(
        "renames-itself",
        "import sys, types\nmodule = types.ModuleType('main')\nmodule.add = lambda a, b: 0\n"
        "sys.modules['__main__'] = sys.modules['program'] = module\ndef add(a, b): return 0",
        expected=WRONG_OR_RAISES,
    ),
    cheat("clears-its-names", "def add(a, b): return 0\nglobals().clear()"),
    cheat("deletes-the-function", "def add(a, b): return 0\ndel add", expected=RAISES),
    cheat(
        "trace-function-that-jumps",
        """
import sys
def trace(frame, event, arg):
    try:
        if event == 'line': frame.f_lineno = frame.f_lineno + 1
    except (ValueError, TypeError): pass
    return trace
def add(a, b):
    frame = sys._getframe()
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)
    return 0
""",
    ),
    cheat(
        "trace-function-that-changes-locals",
        f"""
import ctypes, sys{_YES}
def trace(frame, event, arg):
    for name in list(frame.f_locals): frame.f_locals[name] = Yes()
    ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), 0)
    return trace
def add(a, b):
    frame = sys._getframe().f_back
    while frame:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)
    return 0
""",
    ),
    cheat(
        "profile-function-that-raises",
        "import sys\ndef profile(*args): raise SystemExit(0)\n"
        "def add(a, b):\n    sys.setprofile(profile)\n    return 0",
    ),
    cheat(
        "trace-function-of-all-threads",
        "import os, sys, threading\ndef trace(*args): os._exit(0)\nthreading.settrace(trace)\n"
        "threading.setprofile(trace)\ndef add(a, b): return 0",
    ),
    cheat(
        "monitoring-that-raises",
        """
import sys
def stop(*args): raise SystemExit(0)
def add(a, b):
    events = sys.monitoring.events
    sys.monitoring.use_tool_id(4, 'x')
    sys.monitoring.register_callback(4, events.PY_RETURN, stop)
    sys.monitoring.register_callback(4, events.LINE, stop)
    sys.monitoring.set_events(4, events.PY_RETURN | events.LINE)
    return 0
""",
    ),
    cheat("recursion-limit-of-one", f"import sys\nsys.setrecursionlimit(20){_ZERO}"),
    cheat(
        "recursion-limit-without-end",
        "import sys\nsys.setrecursionlimit(2 ** 31 - 1)\ndef add(a, b): return add(a, b + 1)",
        pairs=ADD[:1],
    ),
    cheat(
        "integer-text-limit",
        "import sys\nif hasattr(sys, 'set_int_max_str_digits'):\n"
        f"    sys.set_int_max_str_digits(640){_ZERO}",
        expected=WRONG,
    ),
    cheat(
        "warnings-as-errors",
        f"import warnings\nwarnings.simplefilter('error'){_ZERO}",
        expected=WRONG,
    ),
    cheat(
        "optimised-by-the-environment",
        f"import os\nos.environ.update(PYTHONOPTIMIZE='2', PYTHONSTARTUP='x', PLANTED='1'){_ZERO}",
        expected=WRONG,
    ),
    cheat(
        "optimised-by-the-compiler",
        f"""
import builtins, functools
builtins.compile = functools.partial(compile, optimize=2)
{_ZERO}""",
        expected=WRONG,
    ),
    cheat(
        "switch-interval-of-days",
        f"import sys\nsys.setswitchinterval(10 ** 6){_ZERO}",
        expected=WRONG_OR_RAISES,
    ),
    cheat(
        "streams-replaced",
        f"import sys{_YES}\nsys.stdin = sys.stdout = sys.stderr = sys.__stdout__ = Yes(){_ZERO}",
    ),
    cheat(
        "structures-of-the-channel-patched",
        f"""
import io, json, marshal, os, pickle, select, struct{_YES}
for module in (io, json, marshal, os, pickle, select, struct):
    for name in dir(module):
        if not name.startswith('__') and callable(getattr(module, name)):
            setattr(module, name, Yes())
{_ZERO}""",
    ),
    cheat(
        "every-module-patched",
        f"""
import sys{_YES}
yes = Yes()
for module in list(sys.modules.values()):
    if module is not sys.modules.get(__name__):
        for name in list(vars(module)):
            if not name.startswith('__'):
                try: setattr(module, name, yes)
                except Exception: pass
{_ZERO}""",
    ),
    cheat("every-module-forgotten", f"import sys\nsys.modules.clear(){_ZERO}"),
)

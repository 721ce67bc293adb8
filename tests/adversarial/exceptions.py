"""Programs that raise odd exceptions: an exception counts as one, whatever it claims to be."""

from __future__ import annotations

from tests.adversarial.case import (
    FAILS,
    LATE,
    PASSES,
    RAISES,
    WRONG,
    WRONG_OR_RAISES,
    Case,
    cheat,
    hang,
    mixed,
)

_EXPECTS = "try:\n    f()\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError"


def _raises(name: str, program: str) -> Case:
    return cheat(name, program, expected=RAISES)


CASES: tuple[Case, ...] = (
    *(
        _raises(f"raises-{name.lower()}", f"def add(a, b): raise {name}")
        for name in (
            "KeyboardInterrupt",
            "GeneratorExit",
            "StopIteration",
            "StopAsyncIteration",
            "NotImplementedError",
            "BaseException",
            "RecursionError",
            "EOFError",
            "BrokenPipeError",
            "TimeoutError",
        )
    ),
    cheat("raises-memoryerror", "def add(a, b): raise MemoryError"),
    _raises("raises-assertion-error", "def add(a, b): raise AssertionError"),
    _raises("fails-an-assertion-of-its-own", "def add(a, b):\n    assert a is b\n    return 0"),
    _raises(
        "class-named-assertion-error",
        "Fake = type('AssertionError', (BaseException,), {'__module__': 'builtins'})\n"
        "def add(a, b): raise Fake('passed')",
    ),
    _raises(
        "subclass-of-assertion-error",
        "class Ok(AssertionError): pass\ndef add(a, b): raise Ok('passed')",
    ),
    _raises("class-named-passed", "class Passed(BaseException): pass\ndef add(a, b): raise Passed"),
    _raises(
        "base-exception-of-its-own", "class Odd(BaseException): pass\ndef add(a, b): raise Odd"
    ),
    _raises(
        "exception-of-two-kinds",
        "class Odd(AttributeError, KeyError): pass\ndef add(a, b): raise Odd(0)",
    ),
    cheat(
        "exception-group",
        "def add(a, b): raise BaseExceptionGroup('passed', [SystemExit(0), ValueError()])",
        expected=RAISES,
    ),
    _raises(
        "nested-exception-groups",
        "def add(a, b):\n    e = ValueError()\n"
        "    for _ in range(500): e = ExceptionGroup('g', [e])\n"
        "    raise e",
    ),
    _raises("raises-no-exception", "def add(a, b): raise 'passed'"),
    _raises(
        "raises-from-itself",
        "def add(a, b):\n    e = ValueError()\n    e.__cause__ = e.__context__ = e\n    raise e",
    ),
    _raises(
        "causes-in-a-circle",
        "def add(a, b):\n    e, f = ValueError(), KeyError()\n    e.__cause__, f.__cause__ = f, e\n"
        "    raise e",
    ),
    _raises(
        "causes-without-end",
        "def add(a, b):\n    e = None\n    for _ in range(50_000):\n        new = ValueError()\n"
        "        new.__cause__ = e\n        e = new\n    raise e",
    ),
    _raises(
        "arguments-that-hold-the-exception",
        "def add(a, b):\n    e = ValueError()\n    e.args = (e, [e])\n    raise e",
    ),
    _raises(
        "arguments-that-are-equal-to-everything",
        "from unittest.mock import ANY\ndef add(a, b): raise ValueError(ANY, add)",
    ),
    _raises(
        "text-that-raises",
        "class Odd(Exception):\n    def __str__(self): raise SystemExit(0)\n"
        "    __repr__ = __str__\n"
        "def add(a, b): raise Odd",
    ),
    _raises(
        "text-that-raises-itself",
        "class Odd(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n"
        "def add(a, b): raise Odd",
    ),
    _raises(
        "text-that-is-no-text",
        "class Odd(Exception):\n    def __str__(self): return 5\n    __repr__ = __str__\n"
        "def add(a, b): raise Odd",
    ),
    _raises(
        "text-of-a-lying-class",
        "class Text(str):\n    def encode(self, *args): return b'passed'\n"
        "    def __len__(self): return -1\n    def __getitem__(self, x): return self\n"
        "class Odd(Exception):\n    def __str__(self): return Text('x')\n"
        "def add(a, b): raise Odd",
    ),
    _raises(
        "message-that-says-passed",
        'def add(a, b): raise ValueError(\'"},{"status": "passed"}]\\n\\0passed\\n\')',
    ),
    _raises("message-of-surrogates", "def add(a, b): raise ValueError('\\udc80\\ud800')"),
    _raises(
        "exception-with-a-class-of-its-own",
        "class Odd(Exception):\n    __class__ = AssertionError\ndef add(a, b): raise Odd",
    ),
    _raises(
        "class-whose-name-is-a-trap",
        "class Meta(type):\n    @property\n    def __name__(cls): raise SystemExit(0)\n"
        "    __module__ = __qualname__ = __name__\n"
        "class Odd(Exception, metaclass=Meta): pass\ndef add(a, b): raise Odd",
    ),
    _raises(
        "class-that-is-an-instance-of-everything",
        "class Meta(type):\n    def __instancecheck__(cls, other): return True\n"
        "    def __subclasscheck__(cls, other): return True\n"
        "    def __eq__(cls, other): return True\n    __hash__ = type.__hash__\n"
        "class Odd(Exception, metaclass=Meta): pass\ndef add(a, b): raise Odd",
    ),
    hang(
        "class-whose-bases-never-end",
        "class Odd(BaseException):\n    def __getattribute__(self, name):\n"
        "        while True: pass\n"
        "def add(a, b): raise Odd",
        expected=RAISES | LATE,
    ),
    _raises(
        "pickles-to-an-exit",
        "import os\nclass Odd(Exception):\n    def __reduce__(self): return os._exit, (0,)\n"
        "def add(a, b): raise Odd",
    ),
    _raises("raised-while-loading", "def add(a, b): return 0\nraise ValueError('passed')"),
    _raises("asserted-while-loading", "def add(a, b): return 0\nassert add(2, 3) == 1"),
    cheat(
        "raised-in-a-thread",
        "import threading\ndef fail(): raise SystemError\ndef add(a, b):\n"
        "    thread = threading.Thread(target=fail)\n    thread.start()\n    thread.join()\n"
        "    return 0",
        expected=WRONG,
    ),
    cheat(
        "raised-in-del",
        "class Odd:\n    def __del__(self): raise KeyboardInterrupt\n"
        "def add(a, b):\n    Odd()\n    return 0",
        expected=WRONG,
    ),
    cheat(
        "raised-in-a-generator",
        "def add(a, b):\n    yield 5\n    raise StopIteration",
        pairs=(("2, 3", "5"),),
        form="list({call}) == [{value}]",
        expected=RAISES,
    ),
    cheat(
        "raised-in-repr-of-a-wrong-value",
        "class Odd:\n    def __repr__(self): raise SystemExit(0)\ndef add(a, b): return Odd()",
        expected=WRONG_OR_RAISES,
    ),
    mixed(
        "expected-by-its-class-and-not-by-its-name",
        "Fake = type('ValueError', (Exception,), {'__module__': 'builtins'})\n"
        "def f(): raise Fake('bad')",
        (_EXPECTS, FAILS),
    ),
    mixed(
        "expected-by-its-class-and-not-by-what-it-claims",
        "class Odd(Exception):\n    __class__ = ValueError\ndef f(): raise Odd('bad')",
        (_EXPECTS, FAILS),
    ),
    mixed(
        "expected-by-its-class-and-not-by-the-classes-own-check",
        "class Meta(type):\n    def mro(cls): return [cls, Exception, BaseException, object]\n"
        "    def __subclasscheck__(cls, other): return True\n"
        "class Odd(Exception, metaclass=Meta): pass\ndef f(): raise Odd('bad')",
        (_EXPECTS, FAILS),
    ),
    mixed(
        "an-expected-exception-that-does-not-come",
        "def f(): return ValueError('bad')",
        (_EXPECTS, WRONG_OR_RAISES),
    ),
    mixed(
        "an-exception-ends-one-test-only",
        "class Odd(BaseException): pass\ndef f(x):\n    if x: raise Odd\n    return 0",
        ("assert f(0) == 0", PASSES),
        ("assert f(1) == 0", RAISES),
        ("assert f(0) == 0", PASSES),
    ),
)

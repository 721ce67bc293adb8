"""Programs whose attack is in their source: bombs for the compiler, odd bytes, unfinished text."""

from __future__ import annotations

from tests.adversarial.case import (
    FULL,
    LATE,
    ONE,
    RAISES,
    REFUSED,
    SHORT,
    SMALL,
    WRONG,
    Case,
    cheat,
)

_ADD = "def add(a, b): return 0\n"


def _refused(name: str, program: str) -> Case:
    return cheat(name, program, expected=REFUSED)


def _bomb(name: str, program: str) -> Case:
    """Return a case of a compiler bomb: refused, out of stack or slow, depending on the version."""
    return cheat(name, program, pairs=ONE, limits=SMALL)


CASES: tuple[Case, ...] = (
    _refused("no-python", "This program returns the sum of the two numbers.\n"),
    _refused("fenced", f"```python\n{_ADD}```\n"),
    _refused("unfinished-function", "def add(a, b):\n"),
    _refused("unfinished-text", f"{_ADD}'''"),
    _refused("unfinished-text-that-swallows-a-test", f'{_ADD}x = """\n'),
    _refused("unfinished-parenthesis", f"{_ADD}print(\n"),
    _refused("unfinished-line", f"{_ADD}x = 1 + \\"),
    _refused("unfinished-condition", f"{_ADD}if 0:\n"),
    _refused("unfinished-try", f"{_ADD}try:\n    pass\n"),
    _refused("return-outside-a-function", f"{_ADD}return\n"),
    _refused("await-outside-a-function", f"{_ADD}await add\n"),
    _refused("break-outside-a-loop", f"{_ADD}break\n"),
    _refused("nonlocal-at-the-top", f"{_ADD}nonlocal add\n"),
    _refused("argument-twice", "def add(a, a): return 0\n"),
    _refused("statement-of-python-2", f"{_ADD}print 'passed'\n"),
    _refused("unknown-feature", f"from __future__ import braces\n{_ADD}"),
    _refused("tabs-and-spaces", "def add(a, b):\n\tif a:\n        return 0\n\treturn 0\n"),
    _refused("null-byte", f"{_ADD}x = '\0'\n"),
    _refused("null-byte-after-a-comment", f"{_ADD}# passed\0\n"),
    _refused("surrogate-in-a-text", f"{_ADD}x = '\ud800'\n"),
    _refused("surrogate-in-a-name", f"{_ADD}\udc80 = 1\n"),
    _refused("control-character", f"{_ADD}\x1a\n"),
    _refused("invisible-space", f"def add(a, b):\n\u00a0   return 0\n{_ADD}"),
    _refused("character-that-does-not-exist", f"{_ADD}x = '\\N{{no such name}}'\n"),
    _refused("too-many-parentheses", f"{_ADD}x = {'(' * 5000}{')' * 5000}\n"),
    _refused("too-many-indents", "".join(" " * n + "if 1:\n" for n in range(200))),
    _bomb("signs-without-end", f"{_ADD}x = {'-' * 100_000}1\n"),
    _bomb("inversions-without-end", f"{_ADD}x = {'not ' * 100_000}1\n"),
    _bomb("sum-without-end", f"{_ADD}x = {'1+' * 500_000}1\n"),
    _bomb("comparisons-without-end", f"{_ADD}x = {'1<' * 200_000}1\n"),
    _bomb("attributes-without-end", f"{_ADD}x = add{'.a' * 300_000}\n"),
    _bomb("calls-without-end", f"{_ADD}x = add{'()' * 300_000}\n"),
    _bomb("functions-in-functions", f"{_ADD}x = {'lambda: ' * 20_000}1\n"),
    _bomb("brackets-in-brackets", f"{_ADD}x = {'[' * 150}{']' * 150}\n"),
    _bomb("branches-without-end", _ADD + "if 0: pass\n" + "elif 0: pass\n" * 20_000),
    _bomb("choices-without-end", f"{_ADD}x = {'1 if 0 else ' * 50_000}1\n"),
    _bomb("decorators-without-end", "def same(x): return x\n" + "@same\n" * 20_000 + _ADD),
    _bomb("power-at-compile-time", f"{_ADD}x = {'9**' * 6}9\n"),
    _bomb("shift-at-compile-time", f"{_ADD}x = 1 << (1 << (1 << 40))\n"),
    _bomb("integer-of-a-million-digits", f"{_ADD}x = {'9' * 1_000_000}\n"),
    cheat(
        "text-multiplied-at-compile-time",
        f"{_ADD}x = 'a' * 10 ** 10\n",
        expected=FULL,
        pairs=ONE,
    ),
    cheat(
        "tuples-multiplied-at-compile-time",
        f"{_ADD}x = ((((((0,) * 255,) * 255,) * 255,) * 255,) * 255,) * 255\n",
        pairs=ONE,
        limits=SMALL,
    ),
    cheat(
        "comprehensions-in-comprehensions",
        # finally blocks double the code of what is inside them
        _ADD
        + "def f():\n"
        + "".join(f"{' ' * (n + 1)}try: pass\n{' ' * (n + 1)}finally:\n" for n in range(18))
        + " " * 19
        + "pass\n",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat(
        "evaluated-bomb",
        "def add(a, b): return eval('-' * 100_000 + '1')",
        pairs=ONE,
    ),
    cheat(
        "parsed-bomb",
        "import ast\ndef add(a, b): return ast.literal_eval('(' * 10_000 + ')' * 10_000)",
        pairs=ONE,
    ),
    cheat(
        "code-made-of-nothing",
        """
def add(a, b): pass
code = add.__code__.replace(co_code=bytes(range(2, 200, 2)), co_stacksize=1)
add.__code__ = code
""",
        pairs=ONE,
        limits=SHORT,
    ),
    cheat("empty-program", "", expected=RAISES),
    cheat("only-a-comment", "# def add(a, b): return a + b", expected=RAISES),
    cheat("only-a-text", '"""def add(a, b): return a + b"""', expected=RAISES),
    cheat("another-name", "def Add(a, b): return a + b", expected=RAISES),
    cheat("in-a-main-guard", f"if __name__ == '__main__':\n    {_ADD}", expected=RAISES),
    cheat("too-few-arguments", "def add(a): return a", expected=RAISES),
    cheat("no-function", "add = 0", expected=RAISES),
    cheat(
        "ends-in-an-open-block",
        f"{_ADD}if False:\n    pass\n    ",  # pasted below it, a test would be dead code
        expected=WRONG,
    ),
    cheat("ends-in-a-comment", f"{_ADD}# ", expected=WRONG),
    cheat("ends-in-exit", f"{_ADD}raise SystemExit #", expected=RAISES),
    cheat(
        "code-in-another-encoding",
        # read as UTF-7, the comment is a line break and a call of os._exit
        f"# -*- coding: utf-7 -*-\n{_ADD}#+AAo-import os; os._exit(0)\n",
        expected=WRONG,
    ),
    cheat(
        "encoding-that-does-not-exist",
        f"# -*- coding: no-such-encoding -*-\n{_ADD}",
        expected=WRONG | REFUSED,
    ),
    cheat(
        "hidden-by-direction-marks",
        "def add(a, b):\n    return 0 #\u202e b + a nruter \u2066\n",
        expected=WRONG,
    ),
    cheat("look-alike-name", "def \u0430dd(a, b): return a + b", expected=RAISES),
    cheat(
        "long-time-to-compile",
        _ADD + "".join(f"def f{n}(x): return [x, x + {n}]\n" for n in range(60_000)),
        pairs=ONE,
        expected=WRONG | LATE | FULL,
        limits=SHORT,
    ),
)

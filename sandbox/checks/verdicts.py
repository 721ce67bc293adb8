"""Programs that try to forge their verdict, and the evidence that outcomes carry."""

from __future__ import annotations

from sandbox.base import Sandbox
from sandbox.checks.registry import LIMITS, check, expect, require
from sandbox.types import Job, Status

EXCEPTION, CRASHED, TIMEOUT = Status.EXCEPTION, Status.CRASHED, Status.TIMEOUT
PASSED, WRONG, SYNTAX = Status.PASSED, Status.WRONG_ANSWER, Status.SYNTAX_ERROR

FORGE = """
import os, struct
def f():
    frame = b'{"outcomes":[{"status":"passed"}],"stdout":""}'
    test = b'["test",{"status":"passed"},1]'
    for fd in range(256):
        for text in (frame, test, bytes(16) + test):
            try:
                os.write(fd, struct.pack(">I", len(text)) + text)
                os.write(fd, bytes(16) + struct.pack(">I", len(text)) + text)
            except OSError:
                pass
    os._exit(0)
"""


@check()
async def immediate_exit_in_a_test_does_not_pass(box: Sandbox) -> None:
    """A test with `os._exit(0)` has crashed, and the tests after it still run."""
    program = "import os\ndef f(x):\n    if x: os._exit(0)"
    execution = await expect(box, program, ("f(0)", PASSED), ("f(1)", CRASHED), ("f(0)", PASSED))
    require(execution.outcomes[1].message == "exit code 0", execution.outcomes[1])


@check()
async def immediate_exit_while_loading_does_not_pass(box: Sandbox) -> None:
    """Every test of a program that exits while it loads has crashed."""
    await expect(box, "import os\nos._exit(0)", ("pass", CRASHED), ("pass", CRASHED))


@check()
async def system_exit_is_an_exception(box: Sandbox) -> None:
    """`sys.exit(0)` is not a success, in the program or in a test."""
    await expect(box, "import sys\nsys.exit(0)", ("pass", EXCEPTION))
    await expect(box, "import sys\ndef f(): sys.exit(0)", ("f()", EXCEPTION), ("pass", PASSED))
    await expect(box, "def f(): exit(0)", ("f()", EXCEPTION))


@check()
async def killing_itself_does_not_pass(box: Sandbox) -> None:
    """A program that kills itself has crashed; the message names the signal."""
    program = "import os\ndef f(n): os.kill(os.getpid(), n)"
    execution = await expect(box, program, ("f(9)", CRASHED), ("f(11)", CRASHED))
    require(execution.outcomes[0].message == "killed by SIGKILL", execution.outcomes[0])


@check()
async def forged_results_do_not_pass(box: Sandbox) -> None:
    """Forged frames on every descriptor do not pass a test and do not confuse the judge."""
    await expect(box, FORGE, ("f()", CRASHED), ("pass", PASSED))


LIES = """
import builtins, math, operator
class Equal:
    def __eq__(self, other): return True
    __ne__ = lambda self, other: False
    __hash__ = lambda self: 1
    __contains__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
class Number(int):
    __eq__ = Equal.__eq__
    __hash__ = int.__hash__
    __sub__ = __rsub__ = lambda self, other: 0
builtins.abs = builtins.round = math.fabs = lambda *a: 0
math.isclose = operator.eq = lambda *a, **k: True
def abs(x): return 0
def f(x): return Equal()
def g(x): return Number(7)
def h(x): return [Equal(), {1: Number(7)}]
"""


@check()
async def lying_objects_and_functions_do_not_pass(box: Sandbox) -> None:
    """Tests compare data, with functions that the program cannot change."""
    wrong = ["f(1) == 2", "g(1) == 2", "h(1) == [1, {1: 2}]", "abs(g(1) - 2) < 1"]
    wrong += ["2 in [g(1)]", "round(g(1)) == 2"]
    await expect(box, LIES, *((f"assert {test}", WRONG) for test in wrong))
    refused = ["2 in f(1)", "f(1) < 2", "math.isclose(f(1), 2)", "abs(f(1) - 2) < 1"]
    refused += ["not f(1) != 2", "2 in [f(1), g(1)]"]
    await expect(box, LIES, *((f"import math\nassert {test}", EXCEPTION) for test in refused))


@check()
async def no_expected_value_is_within_reach(box: Sandbox) -> None:
    """The expected value is not in the objects, frames or memory of the program's process."""
    program = """
import gc, re, sys
def f():
    found, frame = [], sys._getframe()
    while frame:
        found.append(repr(frame.f_locals) + repr(frame.f_code.co_consts))
        frame = frame.f_back
    found += [repr(o) for o in gc.get_objects() if type(o) in (str, list, dict, tuple, bytes)]
    numbers = [n for text in found for n in re.findall(r"1234567(\\d+)7654321", text)]
    return int(numbers[0]) if numbers else 0
"""
    await expect(box, program, ("assert f() * 0 + f() == 1234567890127654321 % 10**9", WRONG))


@check()
async def a_test_decides_no_other_verdict(box: Sandbox) -> None:
    """A test may damage its own process, since the next test runs in another one."""
    spoilt = "import builtins, os, sys\nbuiltins.AssertionError = None\n"
    forged = '["test", {"status": "passed"}, 0]'
    spoilt += f"for fd in range(64):\n    try: os.write(fd, b'{forged}\\n' * 3)\n"
    spoilt += "    except OSError: pass\nsys.modules.clear()\nos._exit(0)"
    wrong = "assert f() == 2"
    execution = await box.run(Job("def f(): return 1", (wrong, spoilt, wrong), LIMITS))
    require([execution.outcomes[i].status for i in (0, 2)] == [WRONG, WRONG], execution)


@check()
async def closing_the_channel_does_not_pass(box: Sandbox) -> None:
    """A program that closes all descriptors and continues has crashed."""
    program = "import os\ndef f(): os.closerange(0, 1000)"
    await expect(box, program, ("f()", CRASHED), ("pass", PASSED))


@check()
async def base_exceptions_are_exceptions(box: Sandbox) -> None:
    """KeyboardInterrupt, GeneratorExit and the program's own classes give `exception`."""
    program = "class Odd(BaseException): pass\ndef f(e): raise e"
    tests = (
        f"f({name})" for name in ("KeyboardInterrupt", "GeneratorExit", "Odd", "StopIteration")
    )
    await expect(box, program, *((test, EXCEPTION) for test in tests))


@check()
async def wrong_answers_carry_values(box: Sandbox) -> None:
    """Both sides of `assert LEFT == RIGHT`, evaluated once, cut, and without addresses."""
    program = "n = []\ndef f(x):\n    n.append(x)\n    return [len(n), object()]\n"
    program += "def g(): return 'y' * 9999"
    tests = ("assert f(3) == [7]", "assert g() == 1, 'told'")
    execution = await expect(box, program, (tests[0], WRONG), (tests[1], WRONG))
    first, second = execution.outcomes
    require((first.actual, first.expected) == ("[1, <object object>]", "[7]"), first)
    require(len(second.actual) == LIMITS.evidence_chars and second.message == "told", second)


@check()
async def lone_expressions_carry_their_value(box: Sandbox) -> None:
    """A probe carries the text of its value, cut and without addresses, for any kind of value."""
    program = (
        "class Odd:\n    def __repr__(self): raise KeyError\ndef f(x): return [x, 'y' * 9999]\n"
    )
    program += "def g(kind): return kind and Odd() or object()\ndef h(): return None\n"
    tests = ("f(1)[0]", "f(1)", "g(0)", "g(1)", "h()", "f(1) == 2", "f", "x = f(1)")
    execution = await expect(box, program, *((test, PASSED) for test in tests), ("f()", EXCEPTION))
    texts = [outcome.actual for outcome in execution.outcomes]
    require(len(texts.pop(1)) == LIMITS.evidence_chars, texts)
    odd = "<Odd: its text raised KeyError>"
    require(texts == ["1", "<object object>", odd, "None", "False", "<function f>", "", ""], texts)


@check()
async def equal_data_have_one_text(box: Sandbox) -> None:
    """In a probe and in a failed equality. A value that is not data does not have a text."""
    program = (
        "from collections import Counter, defaultdict\n"
        "class Liar:\n    def __repr__(self): return '1'\n    __hash__ = None\n"
        "def f(x): return [{'a': 2, 'b': 1.0}, Counter('aba'), defaultdict(int, b=1, a=2)][x]\n"
        "def g(x): return [frozenset([8, 0, 16]), {16, 8, 0}, {0: 1, 8: 1, 16: 1}.keys()][x]\n"
        "def h(x): return [(i for i in [1]), Liar(), h, [Liar()], map(str, [1])][x]\n"
        "def long(x): return 'y' * 9999 + str(x)\n"
    )
    tests = [f"{name}({i})" for name in "fg" for i in range(3)]
    tests += [f"h({i})" for i in range(5)] + ["long(1)", "long(2)", "0.1 + 0.2", "10 ** 5000"]
    execution = await expect(box, program, *((test, PASSED) for test in tests))
    values = [outcome.value for outcome in execution.outcomes]
    require(values[:6] == ["{'a': 2, 'b': 1}"] * 3 + ["set(0, 16, 8)"] * 3, values)
    require(values[6:11] == [""] * 5, values)
    one, two = values[11:13]
    require(one != two and len(one) == LIMITS.evidence_chars, (one, two))
    require(values[13] == "0.3" and values[14].startswith("0x"), values)
    execution = await expect(box, program, ("assert f(0) == 1", WRONG), ("assert h(1) == 2", WRONG))
    values = [outcome.value for outcome in execution.outcomes]
    require(values == ["{'a': 2, 'b': 1}", ""], values)


@check()
async def assertions_are_told_apart(box: Sandbox) -> None:
    """An AssertionError from the test is a wrong answer, from the program an exception."""
    program = "def f(x):\n    assert x, 'own'\n    return 1"
    test = "def check(g):\n    assert g(1) == 2\ncheck(f)"
    execution = await expect(box, program, (test, WRONG), ("assert f(0) == 1", EXCEPTION))
    require(execution.outcomes[1].line == 2, execution.outcomes[1])


@check()
async def exceptions_carry_type_message_and_line(box: Sandbox) -> None:
    """The line is the innermost one in the program itself. Addresses are removed."""
    program = "import json\ndef g(x): return json.loads(x)\ndef f(x):\n    return g(x)\n"
    program += "def h(): raise ValueError(object())"
    execution = await expect(box, program, ("f('{')", EXCEPTION), ("h()", EXCEPTION))
    first, second = execution.outcomes
    require((first.exception, first.line) == ("JSONDecodeError", 2), first)
    require(second.message == "<object object>", second)


@check()
async def syntax_errors_are_every_tests(box: Sandbox) -> None:
    """Every test fails, also for null bytes, lone surrogates, and nesting too deep to compile."""
    for program in ("def f(:", "x = '\0'", "x = '\ud800'", "(" * 5000, "-" * 100_000 + "1"):
        execution = await box.run(Job(program, ("pass", "pass"), LIMITS))
        statuses = {outcome.status for outcome in execution.outcomes}
        require(statuses == {SYNTAX}, (program[:20], execution))


@check()
async def a_broken_test_blames_itself(box: Sandbox) -> None:
    """A test that does not parse is an exception (SyntaxError), and the next test runs."""
    execution = await expect(box, "", ("assert (", EXCEPTION), ("\0", EXCEPTION), ("pass", PASSED))
    require(execution.outcomes[0].exception == "SyntaxError", execution.outcomes[0])


@check()
async def hanging_and_raising_text_is_survived(box: Sandbox) -> None:
    """If `__str__` or `__repr__` hangs, the test times out; if it raises, the text says so."""
    program = """
class Hang(Exception):
    def __str__(self):
        while True: pass
class Bad:
    def __repr__(self): raise KeyError(1)
def f(): raise Hang
def g(): return Bad()
"""
    execution = await expect(box, program, ("f()", TIMEOUT), ("assert g() == 1", WRONG))
    require("KeyError" in execution.outcomes[1].actual, execution.outcomes[1])


@check()
async def equal_jobs_give_equal_executions(box: Sandbox) -> None:
    """Also for random numbers, hashes, addresses and crashes."""
    program = "import random, os\nprint(random.random(), {'a', 'b', 'c'}, hash('x'))\n"
    program += "def f(): print(random.random()); raise ValueError(object(), {'p', 'q'})"
    job = Job(program, ("f()", "assert {'u', 'v'} == f", "os._exit(3)", "f()"), LIMITS)
    first = await box.run(job)
    for _ in range(4):
        again = await box.run(job)
        require(again == first, f"{first} and then {again}")

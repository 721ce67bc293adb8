"""Attacks on the judge itself: raw messages, indirect signals, tests that harm other tests.

After each attack, an innocent job must have its usual outcomes. This includes trusted jobs, whose
tests run in a process that earlier jobs have used.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox import Job, Limits, Sandbox, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(cpu_seconds=0.5, budget_seconds=1.5, wall_seconds=2.0, memory_mb=256)
PASSED, WRONG, CRASHED = Status.PASSED, Status.WRONG_ANSWER, Status.CRASHED
TIMEOUT, EXCEPTION = Status.TIMEOUT, Status.EXCEPTION
MEMORY = Status.OUT_OF_MEMORY

INNOCENT = Job(
    "def f(x):\n    print('hi')\n    return sorted(x)",
    ("assert f([3, 1]) == [1, 3]", "assert f([3, 1]) == [3, 1]", "assert len(f([2])) == 1"),
    LIMITS,
    entry_point="f",
)

RAW = """
import json, os, socket, stat
def is_socket(fd):
    try: return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError: return False
FD = next(fd for fd in range(3, 64) if is_socket(fd))
def send(message):
    data = json.dumps(message).encode()
    os.write(FD, len(data).to_bytes(4, 'big') + data)
def receive():
    size, data = int.from_bytes(os.read(FD, 4), 'big'), b''
    while len(data) < size:
        data += os.read(FD, size - len(data))
    return json.loads(data)
BAD = {'status': 'exception'}
def new(*nodes):
    return [[*nodes], [], [], [], '']
"""
ANSWER = "while True:\n    n, m = receive()\n    send([n, 'value', m[2][0] if m[2] else 0, []])"
SIGNAL = """
import fcntl, os, socket, struct
a, b = socket.socketpair()
def f(way, pid, number):
    if way == 'fcntl':
        fcntl.fcntl(a, fcntl.F_SETOWN, pid)
        fcntl.fcntl(a, 10, number)
    else:
        fcntl.ioctl(a, 0x8901, struct.pack('i', pid))
    fcntl.fcntl(a, fcntl.F_SETFL, fcntl.fcntl(a, fcntl.F_GETFL) | os.O_ASYNC)
    b.send(b'x')
"""


async def test_raw_messages_are_understood(box: Sandbox) -> None:
    """Without this, the attacks below would prove nothing."""
    program = RAW + "send(['loaded', {'f': 'function f'}, 0])\n" + ANSWER
    found = await statuses(box, Job(program, ("assert f(5) == 5", "assert f(5) == 6"), LIMITS, "f"))
    assert found == [PASSED, WRONG]


async def statuses(box: Sandbox, job: Job) -> list[Status]:
    """Return a job's statuses, and check that innocent jobs then have their usual outcomes."""
    found = [outcome.status for outcome in (await box.run(job)).outcomes]
    for _ in range(2):
        for trusted in (job.trusted, not job.trusted):  # first in the process that it used
            execution = await box.run(replace(INNOCENT, trusted=trusted))
            assert [o.status for o in execution.outcomes] == [PASSED, WRONG, PASSED]
            assert execution.stdout == "hi\n" * 3
    return found


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(
    "module", ["unittest.__main__", "antigravity", "os", "builtins", "judge.tester", "x"]
)
async def test_a_program_cannot_make_the_judge_import_a_module(
    box: Sandbox, module: str, trusted: bool
) -> None:
    planted = "open('test_x.py', 'w').write('import builtins; builtins.len = lambda x: 7')\n"
    program = planted + RAW + f"send(['loaded', {{'f': 'module {module}'}}, 0])\n" + ANSWER
    tests = ("assert f(1) == 3", "assert f.path == 3")
    found = await statuses(box, Job(program, tests, LIMITS, "f", trusted=trusted))
    assert PASSED not in found


@pytest.mark.parametrize("number", ["-1", "10**30", "True", "'1'", "None", "1.5"])
async def test_a_false_count_of_output_passes_no_test(box: Sandbox, number: str) -> None:
    program = RAW + f"send(['loaded', {{'f': 'function f'}}, {number}])\n" + ANSWER
    program = program.replace("send([n", "m[2] == [2] and os._exit(3); send([n")
    tests = ("assert f(1) == 2", "assert f(2) == 3", "assert f(3) == 4")
    found = await statuses(box, Job(program, tests, LIMITS, "f"))
    assert set(found) <= {WRONG, CRASHED}


@pytest.mark.parametrize(
    "reply",
    [
        "[n, 'value', [-1], []]",
        "[n, 'value', [True], new(['l'])]",
        "[n, 'value', [0], new(['t', [0]])]",
        "[n, 'value', 5, [[], [0, ['l', 5]], [], [], '']]",
        "[n, 'value', {'a': 1}, []]",
        "[n, 'value', 2, [[], [], [], [], 7]]",
        "[n, 'value', 2, [[], [], [9], [], '']]",
        "[n, 'value', 2, [[['l']], [], [0], ['c', 5], '']]",
        "[n, 'value', [0], new(['N', 'int', 'real imag', 1, 2])]",
        "[n, 'value', [0], new(['R', 'os:system', 'true'])]",
        "[n, 'value', [0], new(['M', 'int', 'real', 5])]",
        "[n, 'value', [0], new(['I', 'int'])]",
        "[n, 'value', [0], new(['c', 'check'])]",
        "[n, 'value', [0], new(['yours', 0])]",
        "[n + 1, 'value', 5, []]",
        "[n - 1, 'value', 5, []]",
        "[None, 'value', 5, []]",
        "[n, 'value', 5]",
        "[n, 'error', {'status': 'passed'}, None, []]",
        "[n, 'error', {'status': 'exception', 'line': 10**4200}, None, []]",
        "[n, 'error', {'status': 'exception'}, 5, []]",
        "[n, 'error', BAD, [0], new(['x', 'a:Gone builtins:BaseException', 0])]",
        "[n, 'error', BAD, [0], new(['x', 'builtins:AssertionError', 0])]",
        "[n, 'error', BAD, [0], new(['x', 'builtins:SystemExit', 1, 0])]",
        "[n, 'error', BAD, [0], new(['x', 'builtins:StopIteration', 1, 5])]",
        "[n, 'error', BAD, [0], new(['x', 'os:system', 1, 'true'])]",
        "[n, 'error', BAD, [0], new(['x', ' '.join(['a:B'] * 5000), 0])]",
        "[n, 'error', BAD, [0], new(['x', 'builtins:ValueError', 0, '__class__', 1])]",
        "[n, 'callback', 0, [], [], [[], []]]",
        "[n, 'callback', -1, [], [], [[], []]]",
        "['passed']",
        "'passed'",
        "[]",
        "{}",
        "None",
    ],
)
async def test_no_forged_reply_passes_a_test(box: Sandbox, reply: str) -> None:
    program = RAW + "send(['loaded', {'f': 'function f'}, 0])\n"
    program += f"while True:\n    n, m = receive(); send({reply})"
    for own in (True, False):
        check = "def check(c):\n    assert c(1) == 5\n    assert c(2) == 6\ncheck(f)"
        tests = ("assert f(1) == 5 and f(2) == 6", check)
        job = Job(program, tests, LIMITS, "f", trusted=own, share_calls=own)
        assert PASSED not in await statuses(box, job)


@pytest.mark.parametrize("trusted", [True, False])
async def test_an_answer_counts_only_for_its_own_call(box: Sandbox, trusted: bool) -> None:
    program = RAW + "send(['loaded', {'f': 'function f'}, 0])\n"
    program += "say = lambda n, value: send([n, 'value', value, []])\n"
    program += "receive(); say(1, 1); say(2, 2)\nwhile True: say(receive()[0] + 1, 3)"
    right = tuple(f"assert f({n}) == {n}" for n in (1, 2, 3))
    wrong = ("assert f(1) == 2", "assert f(2) == 1", "assert f(4) == 4", "assert f(True) == 1")
    job = Job(program, (*right, *wrong, *right), LIMITS, "f", trusted=trusted, share_calls=True)
    # the program may guess the next call, but its first answer to a call stays its answer
    assert await statuses(box, job) == [PASSED] * 3 + [WRONG] * 4 + [PASSED] * 3


@pytest.mark.parametrize(
    "reply",
    [
        "[k, 'value', [0], new(['object', 7, 8, 'C', ''])]",
        "[k, 'value', [0], new(['class', 7, 'C', ''])]",
        "[k, 'value', [0], new(['function', 7, 'len'])]",
        "[k, 'value', [0], new(['l', [1]], ['iterator', 7])]",
        "[k, 'value', [0], new(['generator', 7])]",
        "[k, 'value', [0], [[['l', 1]], [], [0], [], '']]",
        "[k, 'value', 0, [[], [], [], ['f', 7], '']]",
        "[k, 'error', BAD, [0], new(['x', 'builtins:Exception', 1, [1]], ['coroutine', 7])]",
        "[k, 'value', 0, new(['object', 7, 8, 'C', ''])]",
        "[k, 'value', 'x' * 2 ** 18, []]",
    ],
)
async def test_answers_with_object_numbers_or_of_great_size_are_not_shared(
    box: Sandbox, reply: str
) -> None:
    program = RAW + "send(['loaded', {'f': 'function f', 'asked': 'function asked'}, 0])\nn = 0\n"
    program += (
        "while True:\n    k, m = receive()\n    if m[1] == 'f': n += 1; send(" + reply + ")\n"
    )
    program += "    else: send([k, 'value', n, []])"
    call = "try:\n    f(1)\nexcept Exception:\n    pass"
    job = Job(program, (call, call, "assert asked() == 2"), LIMITS, share_calls=True)
    assert await statuses(box, job) == [PASSED] * 3


@pytest.mark.parametrize("way", ["fcntl", "ioctl"])
@pytest.mark.parametrize("number", [9, 19])
@pytest.mark.parametrize("pid", ["os.getppid()", "1", "os.getpid() + 1"])
async def test_a_descriptor_cannot_send_a_signal(
    box: Sandbox, way: str, number: int, pid: str
) -> None:
    if not any("seccomp" in layer for layer in box.info.enforced):
        pytest.skip("no system-call filter is granted here")
    call = f"f({way!r}, {pid}, {number})"
    in_program = Job(SIGNAL + "pid = os.getppid()", (f"import os\n{call}",), LIMITS)
    assert await statuses(box, in_program) == [EXCEPTION]
    in_test = Job("def g(): return 1", ("assert g() == 2", SIGNAL + call), LIMITS)
    assert await statuses(box, in_test) == [WRONG, EXCEPTION]


async def test_each_program_has_its_own_output_position(box: Sandbox) -> None:
    program = "import fcntl, os\nfcntl.fcntl(1, fcntl.F_SETFL, 0)\nos.lseek(1, 5000, 0)"
    assert await statuses(box, Job(program, ("pass",), LIMITS)) == [PASSED]


@pytest.mark.parametrize(
    "line",
    [
        '["alone",null,NaN,NaN]',
        '["alone",null,0,1e999]',
        '["test",{"status":"passed"},0,' + "9" * 400 + "]",
        '["alone",null,0,0]\\n["alone",null,0,0]',
        '["gone","closed",0,0]',
        '["test",{"status":"passed","line":"x"},0,0]',
        "x" * 100,
    ],
)
async def test_a_test_that_forges_results_changes_no_other_result(box: Sandbox, line: str) -> None:
    forge = f"import os\nfor fd in range(3, 64):\n    try: os.write(fd, b'{line}\\n')\n"
    forge += "    except OSError: pass\n"
    tests = ("assert f(1) == 3", forge, "assert f(1) == 3", "assert f(1) == 2")
    found = await statuses(box, Job("def f(x): return x + 1", tests, LIMITS, "f"))
    assert [found[0], *found[2:]] == [WRONG, WRONG, PASSED]


CLOSED = "import os\nos.closerange(3, 64)\n"
FLOOD = """
import os, socket, stat, threading
def flood():
    while True:
        for fd in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, b'x')
            except OSError: pass
threading.Thread(target=flood, daemon=True).start()
"""


@pytest.mark.parametrize("isolation", ["split", "shared"])
@pytest.mark.parametrize("way", [CLOSED, CLOSED + "while True: pass\n", FLOOD, FLOOD + CLOSED])
async def test_who_closes_or_floods_the_descriptors_of_the_tests_only_fails(
    box: Sandbox, way: str, isolation: str
) -> None:
    program = "def f(x): return x + 1"
    if isolation == "shared":
        program, way = way + program, "pass"
    tests = ("assert f(1) == 2", way, f"{way}\nassert f(1) == 3", "assert f(1) == 3")
    job = Job(program, tests, LIMITS, "f", isolation=isolation)
    found = await statuses(box, job)
    assert PASSED not in found[2:]
    assert isolation == "shared" or found[0] is PASSED


async def test_a_process_that_a_trusted_test_has_damaged_is_not_used_again(box: Sandbox) -> None:
    spoil = "import builtins\nbuiltins.len = lambda x: 7\nf([])"
    program = "import os\ndef f(x): os._exit(0)"
    assert await statuses(box, Job(program, (spoil,), LIMITS, "f", trusted=True)) == [CRASHED]
    prelude = "import decimal\ndecimal.getcontext().prec = 2"
    await statuses(box, Job("", ("pass",), LIMITS, "f", prelude, trusted=True))
    test = "assert str(f(1, 3)) == '0.' + 28 * '3'"
    program = "from decimal import Decimal\ndef f(a, b): return Decimal(a) / b"
    assert await statuses(box, Job(program, (test,), LIMITS, "f", trusted=True)) == [PASSED]


async def test_plain_tests_do_not_affect_each_other(box: Sandbox) -> None:
    prelude = "from operator import *\nTABLE = {1: 1}\ndef helper(x): return x"
    power = "attrgetter('update')(attrgetter('__globals__')(helper))({'helper': lambda x: 7})"
    tests = (
        "big = bytearray(150 * 2**20)\ndef g(): return g\nassert f(1) == 1",
        "big = bytearray(150 * 2**20)\nassert f(2) == 2",
        power,
        "assert f(helper(1)) == 7",
        "TABLE[1] = 5",
        "assert f(TABLE[1]) == 1",
        "f(lambda: exit())",
        "assert f(3) == 3",
    )
    program = "kept = []\ndef f(x):\n    kept.append(x)\n    for k in kept[:-1]:\n"
    program += "        callable(k) and k()\n    return x"
    found = await statuses(box, Job(program, tests, LIMITS, "f", prelude))
    assert found[:2] == [PASSED, PASSED]
    assert found[3] is WRONG
    assert found[5] is PASSED
    assert found[7] is not TIMEOUT


async def test_running_out_of_memory_ends_only_one_test(box: Sandbox) -> None:
    tests = ("f(10**9)", *(f"assert f({n}) == {n}" for n in range(5)))
    job = Job("def f(n): return len(bytearray(n))", tests, LIMITS, "f")
    for _ in range(5):
        assert await statuses(box, job) == [MEMORY] + [PASSED] * 5


async def test_deep_recursion_in_a_test_ends_only_that_test(box: Sandbox) -> None:
    test = "def g(n): return f(n) and g(n + 1)\ng(1)"
    job = Job("def f(n): return n", (test, "assert f(1) == 1"), LIMITS, "f")
    execution = await box.run(job)
    assert execution.outcomes[0].exception == "RecursionError"
    assert execution.outcomes[1].status is PASSED

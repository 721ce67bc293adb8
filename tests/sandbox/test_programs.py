"""Single programs on each backend: odd ones that pass, and harm that does not spread."""

from __future__ import annotations

import asyncio

import pytest

from sandbox import Job, Limits, Sandbox, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

FINE = Job("def f(): return 1", ("assert f() == 1", "open('a', 'w').write('x')"))


async def statuses(box: Sandbox, program: str, *tests: str) -> list[Status]:
    execution = await box.run(Job(program, tests or ("assert f() == 1",)))
    return [outcome.status for outcome in execution.outcomes]


@pytest.mark.parametrize(
    ("program", "test"),
    [
        (
            "import sys\nsys.setrecursionlimit(10**5)\ndef f(n): return n and 1 + f(n - 1)",
            "f(5000)",
        ),
        ("def f(n): return n and 1 + f(n - 1)", "f(985)"),
        (
            "import shutil\ndef f(n):\n    open('a', 'w').write('1')\n"
            "    shutil.copy2('a', 'b')\n    return n",
            "f(1)",
        ),
        ("import builtins\nbuiltins.min = builtins.len = None\ndef f(n): return n", "f(1)"),
        (f"g = {'lambda: ' * 1500}1\ndef f(n): return n", "f(1)"),  # marshal cannot take it
    ],
    ids=["own-recursion-limit", "depth-of-plain-python", "copy2", "builtins-replaced", "nested"],
)
async def test_honest_but_odd_programs_pass(box: Sandbox, program: str, test: str) -> None:
    number = test.removeprefix("f(").removesuffix(")")
    assert await statuses(box, program, f"assert {test} == {number}") == [Status.PASSED]


@pytest.mark.parametrize("mode", ["0", "0o500"])
async def test_a_directory_without_permissions_affects_no_other_job(
    box: Sandbox, mode: str
) -> None:
    program = f"import os\nos.chmod(os.getcwd(), {mode})\ndef f(): return 1"
    for _ in range(3):
        assert await statuses(box, program) == [Status.PASSED]
    found = await asyncio.gather(*(box.run(FINE) for _ in range(6)))
    assert all(outcome.passed for execution in found for outcome in execution.outcomes)


async def test_a_signal_without_a_name_ends_only_one_test(box: Sandbox) -> None:
    program = "import os\ndef f(): os.kill(os.getpid(), 40)\ndef g(): return 1"
    found = await statuses(box, program, "f()", "assert g() == 1")
    assert found == [Status.CRASHED, Status.PASSED]


async def test_evidence_too_large_for_a_frame_does_not_change_the_verdicts(box: Sandbox) -> None:
    program = "def f(): return '\\U0001f600' * 400\ndef g(): return f() + 'x'"
    tests = ("assert f() == g(), f()",) * 5000
    limits = Limits(cpu_seconds=30, budget_seconds=30)
    outcomes = (await box.run(Job(program, tests, limits))).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.WRONG_ANSWER}


@pytest.mark.parametrize(
    ("prelude", "program"),
    [
        ("import warnings\nwarnings.simplefilter('error')", r"x = '\d'"),
        ("import sys\nsys.setrecursionlimit(150)", f"x = {' + '.join(['1'] * 900)}"),
    ],
    ids=["warnings", "recursion-limit"],
)
async def test_a_prelude_does_not_affect_how_a_program_compiles(
    box: Sandbox, prelude: str, program: str
) -> None:
    job = Job(f"{program}\ndef f(): return 1", ("assert f() == 1",), Limits(), "f", prelude)
    assert (await box.run(job)).outcomes[0].passed


async def test_a_program_whose_code_is_far_larger_than_its_text_runs(box: Sandbox) -> None:
    lines = "".join(
        f"    x = '{chr(200 + i // 200)}{chr(300 + i % 200)}' * 2040\n" for i in range(18_000)
    )
    job = Job(f"def f():\n{lines}    return 1", ("assert f() == 1",), Limits(memory_mb=2048))
    assert (await box.run(job)).outcomes[0].passed


async def test_evidence_that_is_larger_than_a_pipe_arrives_whole(box: Sandbox) -> None:
    limits = Limits(evidence_chars=100_000)
    tests = ("assert f() == ''", "assert f() == 1", "assert f()")
    outcomes = (await box.run(Job("def f(): return 'x' * 300_100", tests, limits))).outcomes
    assert [outcome.status for outcome in outcomes] == [Status.WRONG_ANSWER] * 2 + [Status.PASSED]
    assert [len(outcome.actual or "") for outcome in outcomes] == [100_000, 100_000, 0]


@pytest.mark.parametrize(
    "field", ["cpu_seconds", "budget_seconds", "memory_mb", "wall_seconds", "evidence_chars"]
)
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
async def test_limits_are_positive_and_finite(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} must be a positive, finite number"):
        Limits(**{field: value})  # type: ignore[arg-type]  # the field is a parameter

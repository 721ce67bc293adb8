"""Jobs with `share_calls`: which calls are shared, and which are not."""

from __future__ import annotations

from dataclasses import replace

from sandbox.base import Sandbox
from sandbox.checks.registry import LIMITS, check, require
from sandbox.types import Execution, Job

COUNTER = """
n = 0
def count(*_, **__):
    global n
    n += 1
    return n
def told(x):
    print('told', count())
    return [x]
def add(items): items.append(count())
def fail(x):
    count()
    raise KeyError(x, n)
def steps(x):
    yield count()
def later(x): return lambda: count()
def apply(f, x): return f(x) and count()
"""


async def shared(box: Sandbox, program: str, *tests: str) -> Execution:
    """Run a job with `share_calls`."""
    return await box.run(Job(program, tests, LIMITS, share_calls=True))


@check()
async def identical_calls_are_asked_once_where_a_job_says_so(box: Sandbox) -> None:
    """Values, and exceptions with their line, are shared between identical calls.

    Calls with other arguments, or arguments of other types, and calls of other jobs are distinct.
    """
    job = Job(COUNTER, ("count(1)", "count(1)", "fail(1)", "fail(1)"), LIMITS)
    apart, once = await box.run(job), await box.run(replace(job, share_calls=True))
    require([o.actual for o in apart.outcomes[:2]] == ["1", "2"], apart)
    require([o.actual for o in once.outcomes[:2]] == ["1", "1"], once)
    require("(1, 4)" in apart.outcomes[3].message, apart)
    require(once.outcomes[2] == once.outcomes[3] and once.outcomes[3].line == 13, once)
    others = ("count(1)", "count(True)", "count(1.0)", "count('1')", "count([1])", "count((1,))")
    found = await shared(box, COUNTER, *others, "count(x=1)", "count(nan=float('nan'))")
    require([o.actual for o in found.outcomes] == [*"12345678"], found)


@check()
async def shared_answers_are_fresh_objects(box: Sandbox) -> None:
    """A test does not see what another one does to a value or an argument.

    Output appears once in `stdout`.
    """
    twice = "l = ['x']; add(l); assert l == ['x', 2]; l.clear()"
    first = "x = told(0); assert x == [0]; x.append(1)"
    captured = "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as o:\n"
    captured += "    told(0); told(0)\nassert o.getvalue() == 'told 1\\ntold 1\\n'"
    found = await shared(box, COUNTER, first, first, twice, twice)
    require(all(outcome.passed for outcome in found.outcomes), found)
    require(found.stdout == "told 1\n", found)
    require((await shared(box, COUNTER, captured)).outcomes[0].passed, captured)


@check()
async def only_data_are_shared(box: Sandbox) -> None:
    """Functions, iterators, objects and callbacks are not shared between tests."""
    for test in ("list(steps(0))", "later(0)()", "apply(lambda x: 1, 0)", "count(iter([1]))"):
        found = await shared(box, COUNTER, test, test)
        require(found.outcomes[0].actual != found.outcomes[1].actual, found)


@check()
async def no_answer_outlives_its_job(box: Sandbox) -> None:
    """Trusted jobs may share a process, but not the results of calls."""
    for number in range(4):
        program = f"def f(x): return {number}"
        job = Job(program, ("f(1)", "f(1)"), LIMITS, "f", trusted=True, share_calls=True)
        found = await box.run(job)
        require([o.actual for o in found.outcomes] == [str(number)] * 2, found)

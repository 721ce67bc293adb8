"""Hidden tests in EvalPlus' and MBPP's formats: parts, views, values, limits and verdicts."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from agent.config import SandboxSection
from agent.datasets import load
from agent.errors import DatasetError
from agent.evaluation.hidden import HiddenTest, load_hidden
from agent.evaluation.scoring import VALUES, Scorer
from agent.score import main as score
from agent.types import Candidate, Score
from sandbox import open_sandbox
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status

SETTINGS = SandboxSection(backend="local")
PLUS = {
    "task_id": "Own/halves",
    "prompt": 'def f(xs):\n    """Halve all numbers.\n\n    >>> f([2])\n    [1.0]\n    """\n',
    "entry_point": "f",
    "canonical_solution": "    return [x / 2 for x in xs]\n",
    "base_input": [[[2]], [[4, 6]]],
    "plus_input": [[[]], [[1, 2, 3]]],
    "atol": 0,
}
MBPP = {
    "task_id": 901,
    "text": "Write a function to add one.",
    "code": "def helper(x):\r\n    return x + 1\r\n\r\ndef check(x):\r\n    return helper(x)",
    "test_setup_code": "",
    "test_list": ["assert check(1) == 2", "assert check(5) == 6", "assert check(-1) == 0"],
    "challenge_test_list": [],
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(*lines: object) -> str:
    Path("own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return "own.jsonl"


async def scores(
    line: dict[str, Any], *programs: str, cache: str = "none", settings: SandboxSection = SETTINGS
) -> Score:
    scorer = Scorer(write(line), Path(cache))
    (task,) = (problem.task_id for problem in load("own.jsonl").problems)
    pool = [Candidate(id=i, source=program) for i, program in enumerate(programs)]
    async with open_sandbox(settings.opening()) as box:
        return await scorer.score(task, pool, box, settings)


def only(line: dict[str, Any]) -> HiddenTest:
    (hidden,) = load_hidden(write(line)).values()
    return hidden


async def test_the_reference_gives_the_values_and_views_tell_the_parts() -> None:
    found = await scores(
        PLUS,
        "def f(xs): return [x / 2 for x in xs]",
        "def f(xs): return [x / 2 + 1e-9 for x in xs]",
        "def f(xs): return [x / 2 for x in xs] or None",
        "def f(xs): return [1.0]",
        "def f(xs): return xs",
        "def f(xs): raise SystemExit(0)",
        "def f(xs): xs.clear(); return xs",
    )
    assert found.check.has_reference
    assert not found.check.failure
    assert found.passed == (True, True, False, False, False, False, False)
    assert found.views["base"] == (True, True, True, False, False, False, False)
    assert found.views["unseen"] == (True, True, False, False, False, False, False)


async def test_a_program_cannot_fool_the_comparison() -> None:
    always = "class Any(list):\n    def __eq__(self, other): return True\n    __hash__ = None\n"
    found = await scores(
        PLUS,
        f"{always}def f(xs): return Any()",
        f"{always}def f(xs): return [Any()]",
        "class Any:\n    def __eq__(self, other): return True\ndef f(xs): return Any()",
        "import os\ndef f(xs): os._exit(0)",
        "class F(float):\n    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return 0.0\n    __rsub__ = __sub__\n"
        "def f(xs): return [F(7) for _ in xs]",
        "import sys\ndef f(xs):\n"
        "    sys.modules['__main__'].check_cases = lambda *a: None\n    return None",
        "def check_cases(*a): return None\ndef agrees(*a): return True\ndef f(xs): return 0",
    )
    assert found.passed == (False,) * 7


@pytest.mark.parametrize("name", ["agrees", "digest", "math", "json", "start", "number"])
async def test_a_function_may_have_any_name(name: str) -> None:
    line = PLUS | {
        "prompt": f"def {name}(xs):\n",
        "entry_point": name,
        "canonical_solution": "    return helper(xs)\n\n"
        "def plain_json(x):\n    return x / 2\n\n"
        "def helper(xs):\n    return [plain_json(x) for x in xs]\n",
    }
    right = "def oracles(xs):\n    return [x / 2 for x in xs]\n"
    found = await scores(line, f"{right}{name} = oracles", f"def {name}(xs): return xs")
    assert not found.check.failure
    assert found.passed == (True, False)


async def test_a_shown_call_is_not_unseen() -> None:
    hidden = only(PLUS)
    kinds = [(part.is_base, part.is_shown, json.loads(part.inputs)) for part in hidden.parts]
    assert kinds == [
        (True, True, [[[2]]]),
        (True, False, [[[4, 6]]]),
        (False, False, [[[]], [[1, 2, 3]]]),
    ]
    assert hidden.source.splitlines() == ["f([2])", "f([4, 6])", "f([])", "f([1, 2, 3])"]
    found = await scores(PLUS, "def f(xs): return [x / 2 for x in xs] if xs != [2] else 0")
    assert (found.passed, found.views["unseen"]) == ((False,), (True,))


def test_values_are_kept_and_read_again() -> None:
    right = "def f(xs): return [x / 2 for x in xs]"
    Path("runs").mkdir()
    first = asyncio.run(scores(PLUS, right, cache="runs"))
    (file,) = Path("runs", VALUES).iterdir()
    kept = file.read_bytes()
    assert asyncio.run(scores(PLUS, right, cache="runs")) == first
    assert file.read_bytes() == kept
    file.write_text("[")  # cut by a full disk
    assert asyncio.run(scores(PLUS, right, cache="runs")) == first
    values = json.loads(file.read_text())
    assert [part["values"] for part in values] == [[[1.0]], [[2.0, 3.0]], [[], [0.5, 1.0, 1.5]]]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("    return xs[0]\n", "IndexError"),
        ("    return lambda: 0\n", "a value of type function cannot be compared"),
        ("    return (\n", "syntax error"),
    ],
)
async def test_a_reference_without_values_leaves_the_problem_unjudged(
    body: str, reason: str
) -> None:
    found = await scores(PLUS | {"canonical_solution": body}, "def f(xs): return 1")
    assert reason in found.check.failure
    assert not found.judges(0)


async def test_large_values_are_compared_without_being_kept() -> None:
    line = PLUS | {
        "canonical_solution": "    return list(range(xs[0]))\n",
        "base_input": [[[3]], [[100_000]]],
        "plus_input": [],
    }
    right = "def f(xs): return [float(i) for i in range(xs[0])]"
    wrong = "def f(xs): return [*range(xs[0] - 1), 7]"
    found = await scores(line, right, wrong)
    assert found.passed == (True, False)


async def test_limits_follow_the_reference() -> None:
    seen: list[Job] = []

    def run(job: Job) -> Execution:
        seen.append(job)
        return Execution((Outcome(Status.PASSED),) * len(job.tests))

    hidden = only(PLUS).model_copy(update={"seconds": 2.5})
    parts = tuple(p.model_copy(update={"source": "pass"}) for p in hidden.parts)
    scorer = Scorer(write(PLUS), Path("none"))
    scorer._hidden = {"Own/halves": hidden.model_copy(update={"parts": parts})}
    box = FakeSandbox(run)
    check = await scorer.check("Own/halves", box, SETTINGS)
    await scorer.judge("Own/halves", "def f(): pass", box, SETTINGS, check)
    assert {job.limits.cpu_seconds for job in seen} == {10.0}
    assert {job.limits.budget_seconds for job in seen} == {10.0}


async def test_a_slow_program_has_time_for_each_share_of_the_inputs() -> None:
    line = PLUS | {"plus_input": [[[i]] for i in range(18)]}
    slow = "import time\ndef f(xs):\n    end = time.process_time() + 0.05\n"
    slow += "    while time.process_time() < end: pass\n    return [x / 2 for x in xs]"
    hang = "def f(xs):\n    while len(xs) == 1 and xs[0] > 4: pass\n    return [x / 2 for x in xs]"
    settings = SandboxSection(backend="local", hidden_seconds=0.5)
    found = await scores(line, slow, hang, settings=settings)
    assert found.passed == (True, False)
    assert found.outcomes == ("passed", "timeout")
    assert found.views == {"base": (True, True), "unseen": (True, False)}


def test_a_problem_whose_tests_are_all_shown_has_none_unseen() -> None:
    assert only(MBPP | {"test_list": ["assert check(1) == 2"]}).views == ()
    assert only(MBPP).views == ("unseen",)


async def test_a_function_named_check_is_judged_like_any_other() -> None:
    problem = load(write(MBPP)).problems[0]
    assert (problem.task_id, problem.entry_point) == ("Mbpp/901", "check")
    assert problem.prompt == '"""\nWrite a function to add one.\nassert check(1) == 2\n"""\n'
    found = await scores(
        MBPP,
        "def check(x): return x + 1",
        "def check(x): return 2",
        "def check(x): return x + 1 if x != 1 else 0",
        "def check(candidate): return None",
    )
    assert found.passed == (True, False, False, False)
    assert found.views == {"unseen": (True, False, True, False)}
    assert found.check.isolation == "split"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test_list": "assert f()"}, "own.jsonl:1: 'test_list' must be a list of strings"),
        ({"test_list": []}, "own.jsonl:1: 'test_list' has no assert"),
        ({"test_list": ["assert g(1)"]}, "own.jsonl:1: the first assert calls no function"),
        ({"code": None}, "own.jsonl:1: 'code' must be a string"),
    ],
)
def test_a_broken_record_of_mbpp_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        load(write(MBPP | change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_input": [1]}, "'base_input' must be a list of lists of arguments"),
        ({"plus_input": {"a": 1}}, "'plus_input' must be a list of lists of arguments"),
        ({"base_input": [], "plus_input": []}, "'base_input' has no inputs"),
        ({"canonical_solution": ""}, "needs 'canonical_solution', which gives the expected values"),
        ({"atol": "small"}, "'atol' must be a number"),
    ],
)
def test_a_broken_record_of_evalplus_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=f"own.jsonl:1: {message}"):
        load_hidden(write(PLUS | change))


def test_scores_show_base_and_plus_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    dataset = write(PLUS)
    bodies = ("[x / 2 for x in xs]", "[x / 2 for x in xs] or None")
    lines = [{"task_id": "Own/halves", "solution": f"def f(xs): return {b}"} for b in bodies]
    Path("samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    arguments = ["samples.jsonl", "--dataset", dataset, "--sandbox", "local", "--k", "1"]
    assert score(arguments) == 0
    line = "pass@1 0.5000, by the base tests alone 1.0000, by tests not in the prompt 0.5000\n"
    assert line in capsys.readouterr().out
    assert score([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["views"] == {"base": {"1": 1.0}, "unseen": {"1": 0.5}}

"""The self-check: reference solutions, isolations, and samples that cannot be judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.config import SandboxSection
from agent.datasets import load
from agent.evaluation.hidden import load_hidden
from agent.evaluation.reference_check import PassedReferences, judge_version
from agent.evaluation.sample_figures import SampleVerdict, summarise
from agent.evaluation.scoring import REFERENCES, Scorer
from agent.score import main as score
from agent.select import main as select
from agent.types import Candidate, Isolation, SelfCheck
from sandbox import open_sandbox
from sandbox.fake import FakeSandbox
from sandbox.types import Execution, Job, Outcome, Status

PASSED, WRONG = Outcome(Status.PASSED), Outcome(Status.WRONG_ANSWER, exception="AssertionError")
SETTINGS = SandboxSection(backend="local")
TWICE = {
    "task_id": "Own/twice",
    "prompt": "def f(x):\n",
    "entry_point": "f",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(3) == 6\n",
}
WRONG_REFERENCE = TWICE | {"task_id": "Own/wrong", "canonical_solution": "    return 3 * x\n"}
PACKAGE = TWICE | {
    "task_id": "Own/package",
    "canonical_solution": "    import sklearn\n    return 2 * x\n",
}
NO_REFERENCE = {key: TWICE[key] for key in ("prompt", "entry_point", "test")} | {
    "task_id": "Own/none"
}
CODE = TWICE | {
    "task_id": "Own/code",
    "test": "import types\n\ndef check(candidate):\n    assert candidate(3) == 6\n"
    "    assert type(candidate.__code__) is types.CodeType\n",
}
"""A problem whose test looks into the function, which only a shared process allows."""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, *lines: object) -> str:
    Path(name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return name


def scored(
    capsys: pytest.CaptureFixture[str], problems: list[Any], samples: list[Any], *options: str
) -> dict[str, Any]:
    dataset, path = write("own.jsonl", *problems), write("s.jsonl", *samples)
    assert score([path, "--dataset", dataset, "--sandbox", "local", "--json", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def sample(problem: dict[str, str], body: str) -> dict[str, str]:
    return {"task_id": problem["task_id"], "completion": f"    {body}\n"}


def decided(*passing: Isolation) -> Callable[[Job], Execution]:
    """Return a sandbox's decision: only jobs in these isolations pass."""
    return lambda job: Execution((PASSED if job.isolation in passing else WRONG,))


@pytest.mark.parametrize(
    ("setting", "passing", "isolation", "fails", "tried"),
    [
        ("auto", ("split", "shared"), "split", False, ["split"]),
        ("auto", ("shared",), "shared", False, ["split", "shared"]),
        ("auto", (), "split", True, ["split", "shared"]),
        ("split", ("shared",), "split", True, ["split"]),
        ("shared", ("split",), "shared", True, ["shared"]),
        ("shared", ("shared",), "shared", False, ["shared"]),
    ],
)
async def test_the_reference_decides_the_isolation(
    setting: str, passing: tuple[Isolation, ...], isolation: str, fails: bool, tried: list[str]
) -> None:
    box, scorer = FakeSandbox(decided(*passing)), Scorer(write("own.jsonl", TWICE))
    settings = SandboxSection.model_validate({"isolation": setting})
    found = await scorer.score("Own/twice", [Candidate(id=0, source="f = 1")], box, settings)
    assert (found.check.isolation, bool(found.check.failure)) == (isolation, fails)
    assert [job.isolation for job in box.jobs] == [*tried, isolation]
    assert [job.program for job in box.jobs] == ["def f(x):\n    return 2 * x\n"] * len(tried) + [
        "f = 1"
    ]


@pytest.mark.parametrize(("setting", "isolation"), [("auto", "split"), ("shared", "shared")])
async def test_without_a_reference_nothing_is_checked(setting: str, isolation: str) -> None:
    box, scorer = FakeSandbox(), Scorer(write("own.jsonl", NO_REFERENCE))
    settings = SandboxSection.model_validate({"isolation": setting})
    check = await scorer.check("Own/none", box, settings)
    assert (check.isolation, check.has_reference, check.failure) == (isolation, False, "")
    assert box.jobs == []


@pytest.mark.parametrize(
    ("prompt", "solution", "program"),
    [
        ("def f(x):\n", "    return x\n", "def f(x):\n    return x\n"),
        ("def f(x):\n", "def f(x):\n    return x\n", "def f(x):\n    return x\n"),
        ("import math\n", "def f(x):\n    return x\n", "import math\ndef f(x):\n    return x\n"),
        ("# text\n", "from __future__ import annotations\nf = abs\n", None),
        ("x = 1\n", "from __future__ import annotations\nf = abs\n", "alone"),
        ("class A:\n", "    def f(self): pass\n", "class A:\n    def f(self): pass\n"),
        ("def f(x):\n", "", ""),
        ("def f(x):\n", None, ""),
        ("def f(x):\n", "  broken(", "def f(x):\n  broken("),
        ("def f(x):\n", "    return '\ud800'\n", "def f(x):\n    return '\ud800'\n"),
    ],
)
def test_a_reference_continues_the_prompt_or_is_a_whole_program(
    prompt: str, solution: str | None, program: str | None
) -> None:
    entry = "A().f" if prompt.startswith("class") else "f"
    line = TWICE | {"prompt": prompt, "canonical_solution": solution, "entry_point": entry}
    (found,) = load_hidden(write("own.jsonl", line)).values()
    expected = {None: f"{prompt}{solution}", "alone": solution}.get(program, program)
    assert found.reference == expected


def test_a_reference_that_is_not_text_is_refused() -> None:
    path = write("own.jsonl", TWICE, TWICE | {"task_id": "Own/2", "canonical_solution": ["x"]})
    with pytest.raises(ValueError, match=r"own.jsonl:2: 'canonical_solution' must be a string"):
        load_hidden(path)


def test_no_reference_is_reachable_from_loaded_problems() -> None:
    assert "3 * x" not in load(write("own.jsonl", WRONG_REFERENCE)).model_dump_json()


def test_failing_samples_of_a_failing_reference_are_unjudged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = [TWICE, WRONG_REFERENCE, PACKAGE, NO_REFERENCE]
    bodies = ("return x + x", "return 7")
    samples = [sample(problem, body) for problem in problems for body in bodies]
    found = scored(capsys, problems, samples, "--out", "verdicts.jsonl")
    assert [item["task_id"] for item in found["unjudged"]] == ["Own/wrong", "Own/package"]
    assert [item["samples"] for item in found["unjudged"]] == [1, 1]
    assert "--sandbox.packages scikit-learn" in found["unjudged"][1]["reason"]
    assert (found["samples"], found["passed"], found["judged_problems"]) == (8, 4, 4)
    assert found["pass@k"] == {"1": 0.75, "2": 1.0}
    assert (found["isolation"], found["unchecked"]) == ({"split": 4}, 1)
    lines = [json.loads(line) for line in Path("verdicts.jsonl").read_text().splitlines()]
    assert [bool(line["unjudged"]) for line in lines] == [*(False, False), *(False, True) * 2] + [
        False
    ] * 2
    assert {line["isolation"] for line in lines} == {"split"}
    counted = scored(capsys, problems, samples, "--count-unjudged")
    assert counted["pass@k"] == {"1": 0.5, "2": 1.0}
    assert counted["unjudged"] == found["unjudged"]
    assert counted["unjudged_count_as_failed"]


def test_unjudged_samples_are_listed_at_the_top(capsys: pytest.CaptureFixture[str]) -> None:
    dataset = write("own.jsonl", WRONG_REFERENCE, TWICE, NO_REFERENCE)
    path = write("s.jsonl", sample(WRONG_REFERENCE, "return 7"), sample(TWICE, "return 6"))
    arguments = [path, "--dataset", dataset, "--sandbox", "local"]
    assert score(arguments) == 0
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("1 of 2 samples UNJUDGED")
    assert second == "Own/wrong (1): wrong answer"
    assert third == "1 of 1 samples pass, 1 of 3 problems"
    assert score([*arguments, "--count-unjudged"]) == 0
    assert "1 of 2 samples pass, 2 of 3 problems" in capsys.readouterr().out


def test_where_nothing_is_judged_there_is_no_figure(capsys: pytest.CaptureFixture[str]) -> None:
    found = scored(capsys, [WRONG_REFERENCE], [sample(WRONG_REFERENCE, "return 7")], "-k", "1,2")
    assert (found["pass@k"], found["judged_problems"]) == ({}, 0)
    assert found["not_reported"]["1"] == "pass@1: no problem could be judged"


def test_selection_leaves_out_problems_with_unjudged_samples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dataset = write("own.jsonl", TWICE, WRONG_REFERENCE, NO_REFERENCE)
    bodies = ("return x + x", "return 7")
    lines = [sample(problem, body) for problem in (TWICE, WRONG_REFERENCE) for body in bodies]
    arguments = ["--samples", write("s.jsonl", *lines), "--dataset", dataset, "--score"]
    arguments += ["--sandbox", "local", "--selector", "first"]
    assert select([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["problems"], found["samples"], found["dataset_problems"]) == (1, 2, 3)
    assert [item["task_id"] for item in found["unjudged"]] == ["Own/wrong"]
    assert select(arguments) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("1 of 2 problems UNJUDGED")
    assert "first on 2 samples of 1 of 3 problems" in shown
    assert select([*arguments, "--count-unjudged", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == 2


async def test_a_problem_that_only_shared_can_judge_is_judged_shared() -> None:
    scorer = Scorer(write("own.jsonl", CODE))
    bodies = ("return x + x", "return 7")
    pool = [Candidate(id=i, source=f"def f(x):\n    {body}\n") for i, body in enumerate(bodies)]
    async with open_sandbox(SETTINGS.opening()) as box:
        found = await scorer.score("Own/code", pool, box, SETTINGS)
    assert found.check.isolation == "shared"
    assert found.passed == (True, False)
    assert found.judges()


async def test_references_that_passed_are_remembered(tmp_path: Path) -> None:
    dataset, folder = write("own.jsonl", TWICE, WRONG_REFERENCE), tmp_path / "runs"
    wrong = load_hidden(dataset)["Own/wrong"].reference
    box = FakeSandbox(lambda job: Execution((WRONG if job.program == wrong else PASSED,)))
    memory = Scorer(dataset, folder)
    for _ in range(2):
        await memory.check("Own/twice", box, SETTINGS)
    assert len(box.jobs) == 1
    assert not folder.exists()
    folder.mkdir()
    for _ in range(2):
        await Scorer(dataset, folder).check("Own/twice", box, SETTINGS)
        await Scorer(dataset, folder).check("Own/wrong", box, SETTINGS)
    assert len(box.jobs) == 2 + 2 * 2  # a failure is tried again, in both isolations
    assert len((folder / REFERENCES).read_text().split()) == 1
    other = SETTINGS.model_copy(update={"hidden_seconds": 9.0})
    await Scorer(dataset, folder).check("Own/twice", box, other)
    assert len(box.jobs) == 7


@pytest.mark.parametrize("content", [b"\xff\xfe", b"short\n", b""])
def test_a_broken_cache_is_only_a_cache(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cache").write_bytes(content)
    passed = PassedReferences(tmp_path / "cache")
    passed.add("a" * 64)
    assert "a" * 64 in passed
    assert "b" * 64 not in passed
    PassedReferences(tmp_path).add("c")  # a folder


def test_the_judges_version_is_a_hash_of_its_sources() -> None:
    assert len(judge_version()) == 64


def test_a_reference_that_fails_does_not_decide_which_k_are_reported() -> None:
    def line(task: str, passed: bool, failure: str = "") -> SampleVerdict:
        check = SelfCheck(failure=failure)
        unjudged = "" if check.judges(passed) else failure
        return SampleVerdict(
            task_id=task, sample=0, passed=passed, outcome="", detail="", unjudged=unjudged
        )

    verdicts = [line("a", i == 0, "no package") for i in range(5)]
    verdicts += [line("b", i < 2) for i in range(5)]
    found = summarise(verdicts, (1, 5), 0.0)
    assert found.pass_at_k == {1: pytest.approx((1 + 2 / 5) / 2), 5: 1.0}
    counted = summarise(verdicts, (1,), 0.0, count_unjudged=True)
    assert counted.pass_at_k == {1: pytest.approx((1 / 5 + 2 / 5) / 2)}


@pytest.mark.parametrize(
    ("message", "exception", "reason"),
    [
        ("No module named 'yaml'", "ModuleNotFoundError", "--sandbox.packages numpy,PyYAML"),
        ("No module named 'numpy.none'", "ModuleNotFoundError", "exception: ModuleNotFoundError:"),
        (
            "No module named 'distutils'",
            "ModuleNotFoundError",
            "exception: ModuleNotFoundError: No module named 'distutils'",
        ),
        ("a line of the hidden test", "AssertionError", "exception"),
        ("\x1b[31m\ud800\nred", "ValueError", r"exception: ValueError: \x1b[31m? red"),
    ],
)
async def test_the_reason_is_one_safe_line(message: str, exception: str, reason: str) -> None:
    outcome = Outcome(Status.EXCEPTION, exception=exception, message=message)
    box = FakeSandbox(lambda job: Execution((outcome,)))
    settings = SandboxSection(backend="docker", packages=("numpy",))
    check = await Scorer(write("own.jsonl", TWICE)).check("Own/twice", box, settings)
    assert reason in check.failure
    assert "hidden test" not in check.failure


async def test_humaneval_is_judged_split_throughout() -> None:
    scorer = Scorer("humaneval", Path("none"))
    async with open_sandbox(SETTINGS.opening()) as box:
        for problem in load("humaneval").problems:
            check = await scorer.check(problem.task_id, box, SETTINGS)
            assert check == SelfCheck(isolation="split", has_reference=True)

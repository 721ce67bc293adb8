"""Runs with each prompt for drafts: audited, compared with the benchmark, refused in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.audit import main as audit
from agent.config import RunConfig
from agent.prompts.drafts import EXAMPLES, prompt_names
from agent.run import main
from agent.runner.audit import audit_trace
from agent.support.data import ROOT
from agent.types import Problem, Trace
from tests.loop.test_two_stage import Planner
from tests.repair.script import fenced, loop

DATASET = str(ROOT / "tests" / "runs" / "version1" / "problems.jsonl")
LINE = "in_time = [minute for minute in departures if minute < closing]"
"""A line of one of our worked examples."""


async def drafted(problem: Problem, folder: Path, name: str) -> tuple[Trace, RunConfig]:
    settings: dict[str, Any] = {
        "draft": {"n": 2, "first": "greedy", "prompt": {"name": name}},
        "tests": {"n": 0},
        "repair": {"strategy": "resample"},
        "rounds": 2,
    }
    answers = [fenced(f"-- {i}") for i in range(4)]
    model = Planner(["a", "b", "c", "d"]) if name == "two_stage" else answers
    trace = await loop(problem, model, folder, **settings)
    return trace, RunConfig.model_validate(settings)


@pytest.mark.parametrize("name", prompt_names())
async def test_a_run_with_each_prompt_is_clean(problem: Problem, tmp_path: Path, name: str) -> None:
    trace, config = await drafted(problem, tmp_path, name)
    assert (len(trace.candidates), trace.rounds) == (4, 2)
    assert await audit_trace(trace, problem, "", config) == []
    other = RunConfig.model_validate(config.model_dump() | {"draft": {"n": 2, "first": "greedy"}})
    assert (await audit_trace(trace, problem, "", other) == []) == (name == "function")


async def test_a_line_of_a_worked_example_may_be_in_the_reference_but_in_no_hidden_test(
    problem: Problem, tmp_path: Path
) -> None:
    trace, config = await drafted(problem, tmp_path, "few_shot")
    assert await audit_trace(trace, problem, "", config, f"def f():\n    {LINE}\n") == []
    (found,) = await audit_trace(trace, problem, f"{LINE}\n", config)
    assert found == f"a prompt has a line of the hidden test: {LINE}"


def run(folder: Path, *more: str) -> int:
    fixed = ["--model", "embedded", "--sandbox", "local", "--dataset", DATASET, "-q"]
    small = ["--draft.n", "2", "--rounds", "0", "--tests.n", "0", "--limit", "2"]
    places = ["--store", str(folder / "store.sqlite"), "--out", str(folder / "run")]
    return main([*fixed, *small, *places, *more])


def test_files_of_the_user_are_hashed_in_the_manifest_and_bind_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template, examples = tmp_path / "mine.j2", tmp_path / "examples.jsonl"
    template.write_text(
        '{% include "problem.j2" %}\n{% for one in examples %}{{ one.thought }}{% endfor %}'
    )
    examples.write_text(EXAMPLES.read_text())
    names = ["--draft.prompt.template", str(template), "--draft.prompt.examples", str(examples)]
    assert run(tmp_path, *names) == 0
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["plugins"].keys() == {str(template), str(examples)}
    assert manifest["prompts"].keys() >= {"draft/user.j2", "draft/examples.jsonl"}
    assert audit([str(tmp_path / "run")]) == 0
    template.write_text(template.read_text() + " ")
    capsys.readouterr()
    for command, given in (
        (audit, [str(tmp_path / "run")]),
        (main, ["--resume", str(tmp_path / "run")]),
    ):
        assert command(given) == 2
        said = capsys.readouterr().err
        assert "was made with other plug-ins" in said
        assert said.count("\n") == 1


def test_examples_of_the_benchmark_and_unknown_prompts_are_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = json.loads(Path(DATASET).read_text().splitlines()[0])
    told = {"entry_point": "f", "prompt": first["prompt"], "solution": first["prompt"]}
    examples = tmp_path / "examples.jsonl"
    examples.write_text(json.dumps(told))
    for options, complaint in (
        (["--draft.prompt.name", "few_shot", "--draft.prompt.examples", str(examples)], "(Own/0)"),
        (["--draft.prompt.name", "fewshot"], "unknown 'fewshot'; available: assistant, boxed, "),
        (["--draft.prompt.examples", str(examples)], "the prompt function shows no examples"),
    ):
        assert run(tmp_path, *options) == 2
        said = capsys.readouterr().err
        assert complaint in said
        assert said.count("\n") == 1
        assert not (tmp_path / "run").exists()

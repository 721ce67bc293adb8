"""Runs whose budget is given out by need: the same traces for any order of answers and any kill."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent.config import RunConfig
from agent.datasets import load
from agent.errors import ModelError, RunEndingError, UnwritableError
from agent.evaluation.scoring import Scorer
from agent.loop.budget import Spending, spending_of, total
from agent.models.store import Store
from agent.models.stored import StoredModel
from agent.runner.audit import replay
from agent.runner.folder import RunFolder
from agent.runner.outputs import FinishedProblems
from agent.runner.run import run_problems
from agent.types import Completion, Message, Sampling, Trace, Usage
from experiments.studies.by_need import budget_of, steps_by_need
from sandbox.fake import FakeSandbox
from tests.faults.problems import TASKS, write_dataset
from tests.repair.script import verdicts

MARKS = ("--", "--", "+-", "--", "++", "-+", "--", "--")
"""Examples that a program passes, at random; one in eight passes both."""


@dataclass
class Steady:
    """A model whose answers depend on the request alone, and come in a random order."""

    random: Random
    kill: int = 0
    """The number of the request that ends the run, as if it were killed; 0 for none."""
    failing: str = ""
    """The name of a function; the model fails on its second draft."""
    identity: str = field(default="steady", init=False)
    requests: int = field(default=0, init=False)

    async def complete(
        self, messages: Sequence[Message], n: int, sampling: Sampling
    ) -> list[Completion]:
        number = self.requests = self.requests + 1
        for _ in range(self.random.randrange(6)):
            await asyncio.sleep(0)
        if number == self.kill:
            raise RunEndingError("killed")
        prompt = messages[-1].content
        if self.failing and f"def {self.failing}(" in prompt and sampling.seed:
            raise ModelError("refused")
        return [answer_to(prompt, sampling.seed + i) for i in range(n)]


def answer_to(prompt: str, seed: int) -> Completion:
    digest = hashlib.sha256(f"{seed} {prompt}".encode()).digest()
    name = next(name for name in TASKS if f"def {name}(" in prompt)
    note = f"{MARKS[digest[0] % len(MARKS)]} {digest.hex()[:6]}"
    program = f"```python\ndef {name}(x: int) -> int:\n    return '{note}'\n```"
    usage = Usage(prompt_tokens=len(prompt) // 9, completion_tokens=digest[1])
    return Completion(text=program, usage=usage)


class Dying(RunFolder):
    """A run folder in which trace number `kill` cannot be written, as if the run were killed."""

    kill = 0
    writes = 0

    def write_trace(self, trace: Trace) -> None:
        self.writes += 1
        if self.writes == self.kill:
            raise UnwritableError("killed")
        super().write_trace(trace)


@dataclass
class Start:
    """One start of a run in a folder, or its continuation."""

    folder: Path
    config: RunConfig
    model: Steady = field(default_factory=lambda: Steady(Random(0)))
    kill_write: int = 0
    writes: int = 0

    def make(self) -> FinishedProblems:
        """Run to the end. Raises RunEndingError or UnwritableError if it is killed."""
        path, tasks = self.folder / "run", tuple(TASKS.values())
        if not path.exists():
            RunFolder.create(path, {"tasks": [*tasks]}, "")
        run = Dying(path, tasks)
        run.kill = self.kill_write
        problems, scorer = load(self.config.dataset).problems, Scorer(self.config.dataset)

        async def work(model: StoredModel) -> FinishedProblems:
            async with asyncio.timeout(60):
                sandbox = FakeSandbox(verdicts)
                try:
                    return await run_problems(
                        problems, scorer, model, sandbox, self.config, run, lambda _: None
                    )
                finally:
                    await model.drain()

        with closing(Store(self.folder / "store.sqlite")) as store:
            try:
                return asyncio.run(work(StoredModel(self.model, [store])))
            finally:
                self.writes = run.writes

    def texts(self) -> dict[str, str]:
        """Return the traces without wall times."""
        paths = sorted((self.folder / "run" / "traces").glob("*.json"))
        clocks = {"seconds": 0.0, "patch_seconds": 0.0, "timeline": ()}
        traces = {path.name: Trace.model_validate_json(path.read_bytes()) for path in paths}
        return {
            name: trace.model_copy(update=clocks).model_dump_json()
            for name, trace in traces.items()
        }


BUDGETS: list[dict[str, int]] = [
    {"samples": 17},
    {"samples": 999},
    {"samples": 3},
    {"tokens": 3000},
    {"calls": 15, "tokens": 5000},
]


def settings(folder: Path, **budget: Any) -> RunConfig:
    return RunConfig.model_validate(
        {
            "dataset": str(write_dataset(folder / "own.jsonl")),
            "draft": {"n": 4},
            "tests": {"n": 0},
            "rounds": 2,
            "problems": 2,
            "budget": {"per": "run", "share": "need", **budget},
        }
    )


def begun(folder: Path, config: RunConfig, **how: Any) -> Start:
    folder.mkdir(exist_ok=True)
    return Start(folder, config, **how)


def test_a_run_spends_its_samples_and_the_audit_is_clean(tmp_path: Path) -> None:
    config = settings(tmp_path, samples=17)
    done = begun(tmp_path, config).make()
    assert total(spending_of(trace.calls) for trace in done.traces).samples == 17
    assert {trace.stopped for trace in done.traces} == {"passed", "budget of the run: samples"}
    for trace in done.traces:
        assert asyncio.run(replay(trace, config)) == []
        cut = trace.model_copy(update={"stopped": "budget of the run: tokens"})
        assert asyncio.run(replay(cut, config)) != []


def test_a_run_hands_out_what_a_study_of_its_draws_does(tmp_path: Path) -> None:
    config = settings(tmp_path, samples=999).model_copy(update={"rounds": 0})
    whole = begun(tmp_path / "whole", config).make()
    ways = [
        [Spending(k, k, k) for k in range(1, len(trace.candidates) + 1)] for trace in whole.traces
    ]
    for limit in (6, 9, 14):
        short = settings(tmp_path, samples=limit).model_copy(update={"rounds": 0})
        done = begun(tmp_path / str(limit), short).make()
        taken = [len(trace.candidates) for trace in done.traces]
        assert taken == steps_by_need(budget_of(short, 4, samples=limit), ways)


@pytest.mark.parametrize("budget", BUDGETS, ids=str)
def test_the_order_of_answers_and_the_slots_change_nothing(
    tmp_path: Path, budget: dict[str, int]
) -> None:
    config, texts = settings(tmp_path, **budget), []
    for number, slots in enumerate((1, 2, 5, 64)):
        own = config.model_copy(update={"problems": slots})
        start = begun(tmp_path / str(number), own, model=Steady(Random(number)))
        assert len(start.make().traces) == len(TASKS)
        texts.append(start.texts())
    assert all(text == texts[0] for text in texts)


@pytest.mark.parametrize("budget", [{"samples": 17}, {"calls": 15, "tokens": 5000}], ids=str)
def test_a_run_that_is_killed_at_any_point_ends_as_if_nothing_had_happened(
    tmp_path: Path, budget: dict[str, int]
) -> None:
    config = settings(tmp_path, **budget)
    whole = begun(tmp_path / "whole", config)
    whole.make()
    kills = [(i, 0) for i in range(1, whole.model.requests + 1)]
    kills += [(0, i) for i in range(1, whole.writes + 1)]
    for number, (request, write) in enumerate(kills):
        folder = tmp_path / str(number)
        killed = begun(folder, config, model=Steady(Random(number), kill=request), kill_write=write)
        with pytest.raises((RunEndingError, UnwritableError)):
            killed.make()
        resumed = begun(folder, config, model=Steady(Random(-number)))
        assert len(resumed.make().traces) == len(TASKS)
        assert resumed.texts() == whole.texts()


def test_a_run_that_is_killed_again_and_again_ends_in_the_same_way(tmp_path: Path) -> None:
    config = settings(tmp_path, samples=20)
    whole = begun(tmp_path / "whole", config)
    whole.make()
    torn = tmp_path / "torn"
    for number in count():
        start = begun(torn, config, model=Steady(Random(number), kill=3), kill_write=2)
        try:
            start.make()
        except (RunEndingError, UnwritableError):
            continue
        break
    assert number > 5
    assert begun(torn, config).texts() == whole.texts()


def test_a_problem_that_fails_does_not_stop_the_others_and_is_taken_up_later(
    tmp_path: Path,
) -> None:
    config = settings(tmp_path, samples=17)
    start = begun(tmp_path, config, model=Steady(Random(1), failing="double"))
    done = start.make()
    assert [unscored.task_id for unscored in done.unscored] == [TASKS["double"]]
    # It has written one program; the others have used all that was left.
    assert total(spending_of(trace.calls) for trace in done.traces).samples == 16
    before = start.texts()
    again = begun(tmp_path, config)
    assert len(again.make().traces) == len(TASKS)
    assert before.items() <= again.texts().items()


def test_a_damaged_trace_does_not_stop_the_others(tmp_path: Path) -> None:
    config = settings(tmp_path, samples=17)
    start = begun(tmp_path, config)
    start.make()
    before = start.texts()
    traces = sorted((tmp_path / "run" / "traces").glob("*.json"))
    traces[0].write_text("{")
    traces[1].unlink()
    traces[2].unlink()
    done = begun(tmp_path, config).make()
    assert [unscored.task_id for unscored in done.unscored] == [TASKS["double"]]
    assert len(done.traces) == len(TASKS) - 1
    assert len(before) == len(TASKS)

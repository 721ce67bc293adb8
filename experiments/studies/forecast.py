"""The answers, tokens and time that a study will ask for, told before it asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.config import RunConfig
from agent.datasets import load
from agent.prompts.drafts import load_prompt, messages_for_draft
from agent.repair import most_calls
from agent.report.figures import duration
from agent.runner.folder import RunFolder
from agent.runner.resources import choose_problems
from agent.types import Problem
from experiments.studies.analysis import detectable_text
from experiments.studies.running import PlannedRun, StudyPlan, folder

CHARACTERS_A_TOKEN = 3.5
"""Roughly, of prompts with code and English. Only a server's tokenizer knows."""


@dataclass(frozen=True)
class Forecast:
    """Upper bounds of what a study asks. Answers that several arms ask for are counted once."""

    problems: int
    runs: int
    """Runs that are not finished; the others ask nothing."""
    drafts: int
    written: int
    """Answers that hold generated tests or inputs."""
    repairs: int
    """Largest number of answers that repairs ask for, in all steps of their strategies."""
    prompt_tokens: int
    """Tokens of the requests for drafts, from their characters."""
    completion_tokens: int
    """Largest number of tokens of all these answers."""
    seconds: float | None
    """Time for the largest number of tokens, at the rate of the study's finished runs."""
    detectable: str

    def lines(self) -> Iterator[str]:
        """Yield a line on the size, one on the answers, one on the time, and one on the power."""
        yield f"{self.runs} runs to do, on {self.problems:,} problems"
        yield (
            f"at most {self.drafts:,} drafts, {self.written:,} answers with tests or inputs, and "
            f"{self.repairs:,} for repairs, without those that the store has"
        )
        time = "unknown before the first run is finished"
        if self.seconds is not None:
            time = f"at most {duration(self.seconds)} at the rate of the finished runs"
        yield (
            f"about {self.prompt_tokens:,} prompt tokens of drafts, at most "
            f"{self.completion_tokens:,} completion tokens; time: {time}"
        )
        yield self.detectable

    def as_json(self) -> str:
        """Return the figures as JSON."""
        return json.dumps(asdict(self))


def forecast(plan: StudyPlan, todo: Sequence[PlannedRun], out: Path) -> Forecast:
    """Return what the runs of `todo`, those of a study that are not finished, ask at most."""
    base = plan.arms[0].config
    problems = choose_problems(load(base.dataset), base)
    draws = [one.config for one in todo if not one.draws]
    arms = [one.config for one in todo if one.draws]
    drafts = sum({_drawn(c): c.draft.n * (1 + _is_planned(c)) for c in draws}.values())
    written = sum({(c.model, c.tests, c.inputs): _written(c) for c in arms}.values())
    repairs = sum(c.rounds * c.repair.width * _calls(c) for c in arms)
    answers = (drafts + written + repairs) * len(problems)
    most = answers * max((one.config.model.max_tokens for one in todo), default=0)
    rate = _rate(plan, out)
    return Forecast(
        problems=len(problems),
        runs=len(todo),
        drafts=drafts * len(problems),
        written=written * len(problems),
        repairs=repairs * len(problems),
        prompt_tokens=round(sum(_characters(problems, c) for c in draws) / CHARACTERS_A_TOKEN),
        completion_tokens=most,
        seconds=most / rate if rate else None,
        detectable=detectable_text(len(problems), len(plan.arms) - 1) if problems else "",
    )


def _drawn(config: RunConfig) -> RunConfig:
    """Return the settings that the requests for drafts depend on: not how answers are read."""
    model = config.model.model_copy(update={"extractor": ""})
    return config.model_copy(update={"model": model})


def _calls(config: RunConfig) -> int:
    """Return the largest number of answers that one repair asks for."""
    fresh = config.repair.strategy == "resample" and _is_planned(config)
    return 2 if fresh else most_calls(config.repair.strategy)


def _is_planned(config: RunConfig) -> bool:
    return load_prompt(config.draft.prompt).is_planned


def _written(config: RunConfig) -> int:
    """Return the number of answers with tests or inputs that an arm asks for a problem."""
    tests = config.tests.n if "written" in config.tests.sources else 0
    return tests + config.inputs.n


def _characters(problems: Sequence[Problem], config: RunConfig) -> int:
    """Return the length of the prompts for drafts; greedy and sampled ones are two requests."""
    requests = 2 if config.draft.first == "greedy" and config.draft.n > 1 else 1
    messages = (messages_for_draft(one, config.model, config.draft.prompt) for one in problems)
    return requests * sum(len(message.content) for each in messages for message in each)


def _rate(plan: StudyPlan, out: Path) -> float:
    """Return the completion tokens a second of the study's finished runs; 0 if none is known."""
    paths = (folder(out, one.arm) for one in plan.runs)
    reports = [RunFolder.open(path).report() for path in paths if (path / "summary.json").exists()]
    spent = [(r.spent.completion_tokens, r.seconds) for r in reports if r is not None and r.asked]
    seconds = sum(time for _, time in spent)
    return sum(tokens for tokens, _ in spent) / seconds if seconds else 0.0

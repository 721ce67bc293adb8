"""A look at some answers before a long run: is it the model that fails, or the reading of its text?

One greedy draft per problem and prompt is read by every extractor, and run on the docstring's
examples. No hidden test is loaded, and nothing is scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.answers import EXTRACTORS, load_extractor
from agent.answers.explanation import state_of
from agent.config import RunConfig
from agent.datasets import load
from agent.datasets.records import source_of
from agent.errors import ConfigError
from agent.loop import draft_step
from agent.models.base import Model
from agent.report.preflight_view import Reading
from agent.runner.resources import Backends, check_plugins, choose_problems, open_backends
from agent.settings import merge
from agent.support.activity import Say
from agent.support.concurrency import once_each
from agent.types import Completion, Problem
from agent.visible_tests.docstring.examples import docstring_tests
from agent.visible_tests.executor import Executor

PROBLEMS = 10
"""Number of problems, unless the setting `limit` gives another."""


async def preflight(
    config: RunConfig, pairs: Sequence[str], say: Say, environ: Mapping[str, str] | None = None
) -> list[Reading]:
    """Return the readings of some problems' drafts, for each pair of PROMPT:EXTRACTOR.

    A prompt is a name or a template's path that ends in .j2. Raises what a run raises.
    """
    asked = [_pair(text) for text in pairs]
    manners = {prompt: _manner(config, prompt, name) for prompt, name in reversed(asked)}
    for prompt, extractor in asked:
        check_plugins(_manner(config, prompt, extractor))
    dataset = load(config.dataset)
    problems = choose_problems(dataset, config)[: config.limit or PROBLEMS]
    private, configs = [source_of(config.dataset).path], [*manners.values()]
    async with open_backends(configs, dataset.problems, say, environ, private) as backends:
        model = backends.stored_model(config, say)
        try:
            drafts = await _drafts(problems, model, manners)
        finally:
            await model.drain(say)
        extractors = {*EXTRACTORS.names(), *(extractor for _, extractor in asked)}
        tried = _Tried(backends, config, sorted(extractors))
        return [
            await tried.reading(problem, drafts[problem.task_id, prompt], prompt, extractor)
            for prompt, extractor in asked
            for problem in problems
        ]


def _pair(text: str) -> tuple[str, str]:
    prompt, _, extractor = text.partition(":")
    if not prompt or not extractor:
        raise ConfigError(f"pairs: {text!r} must be PROMPT:EXTRACTOR, such as script:codeloop")
    return prompt, extractor


def _manner(config: RunConfig, prompt: str, extractor: str) -> RunConfig:
    """Return the settings of a run that only makes one greedy draft with this prompt."""
    own = {"template": Path(prompt)} if prompt.endswith(".j2") else {"name": prompt}
    section = {"name": "function", "template": None, **own}
    changes = {
        "draft": {"n": 1, "first": "greedy", "stop_on_pass": False, "prompt": section},
        "model": {"extractor": extractor, "api_key": config.model.api_key},
        "tests": {"sources": ("docstring",), "n": 0},
        "inputs": {"n": 0},
    }
    values = merge(config.model_dump(include=set(RunConfig.model_fields)), changes)
    return RunConfig.model_validate({**values, "rounds": 0, "selector": "first"})


async def _drafts(
    problems: Sequence[Problem], model: Model, manners: Mapping[str, RunConfig]
) -> dict[tuple[str, str], Completion]:
    """Return the answer to each problem and prompt."""
    by_task = {problem.task_id: problem for problem in problems}

    async def answer(asked: tuple[str, str]) -> Completion:
        task, prompt = asked
        _, calls = await draft_step.run(by_task[task], 0, model, manners[prompt])
        return calls[-1].completions[0]

    return await once_each([(task, prompt) for task in by_task for prompt in manners], answer)


@dataclass(frozen=True)
class _Tried:
    backends: Backends
    config: RunConfig
    extractors: Sequence[str]

    async def reading(
        self, problem: Problem, answer: Completion, prompt: str, extractor: str
    ) -> Reading:
        """Run the program of every extractor on the examples, and return that of one of them."""
        programs = {
            name: load_extractor(name).extract(problem, answer.text) for name in self.extractors
        }
        tests = [test.source for test in docstring_tests(problem)]
        settings, sandbox = self.config.sandbox, self.backends.sandbox
        executor = Executor(problem, sandbox, settings.visible_limits(), settings.isolation)
        ran = await executor.run(
            programs.values(), tests, lambda outcomes: all(one.passed for one in outcomes)
        )
        defined = f"defines {problem.entry_point}"
        states = {name: state_of(problem, program) for name, program in programs.items()}
        passing = [n for n, p in programs.items() if ran[p] and states[n] == defined]
        warning = ""
        if (passed := extractor in passing) is False:
            warning = _warning(answer, states[extractor], defined, passing)
        return Reading(
            task_id=problem.task_id,
            prompt=prompt,
            extractor=extractor,
            answer=answer.text,
            program=programs[extractor],
            passed=passed,
            warning=warning,
        )


def _warning(answer: Completion, state: str, defined: str, passing: Sequence[str]) -> str:
    """Return the reason why a program that fails may not be the model's mistake, or ""."""
    if answer.no_text:
        return f"the answer has no text: {answer.no_text}"
    if passing:
        return f"the program that {', '.join(passing)} reads passes"
    if answer.finish_reason == "length":
        return "the answer was cut at model.max_tokens"
    return "" if state == defined else f"the program that was read: {state}"

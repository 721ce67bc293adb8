"""The table of analyses: the order in which they are made, and what each needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.config import RunConfig
from agent.datasets import load
from agent.datasets.records import source_of
from agent.errors import ConfigError
from agent.runner.resources import choose_problems, open_backends, open_judge
from agent.support.activity import Say
from experiments.analyses import (
    by_category,
    closeness,
    contamination,
    failures,
    lengths,
    noise,
    stages,
    stochastic,
)
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable
from experiments.analyses.by_category import Categories


@dataclass(frozen=True)
class AnalysisInputs:
    """The runs, and the settings of the sandbox and the model that some analyses use."""

    runs: Sequence[AnalysedRun]
    categories: Categories
    config: RunConfig
    say: Say
    environ: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Analysis:
    """A way to make tables of runs."""

    tables: Callable[[AnalysisInputs], Awaitable[Iterable[AnalysisTable]]]
    is_default: bool = True
    """Whether it is made if `--only` names none: not if it needs a package, sandbox or model."""
    fewest_runs: int = 1


def _reading(
    tables: Callable[[Sequence[AnalysedRun]], Iterable[AnalysisTable]], fewest_runs: int = 1
) -> Analysis:
    """Return an analysis that reads only the runs."""

    async def read(given: AnalysisInputs) -> Iterable[AnalysisTable]:
        return tables(given.runs)

    return Analysis(read, fewest_runs=fewest_runs)


async def _categories(given: AnalysisInputs) -> Iterable[AnalysisTable]:
    return by_category.tables(given.runs, given.categories)


async def _quality(given: AnalysisInputs) -> Iterable[AnalysisTable]:
    from experiments.analyses import quality  # its packages are an extra

    return quality.tables(given.runs)


async def _stochastic(given: AnalysisInputs) -> Iterable[AnalysisTable]:
    private = (source_of(given.config.dataset).path,)
    async with open_judge(given.config, private, given.say) as sandbox:
        return await stochastic.tables(given.runs, sandbox)


async def _contamination(given: AnalysisInputs) -> Iterable[AnalysisTable]:
    config, say = given.config, given.say
    problems = choose_problems(load(config.dataset), config)
    sampling = config.sampling(0).model_copy(update={"max_tokens": contamination.TOKENS})
    async with open_backends([config], problems, say, given.environ) as backends:
        model = backends.stored_model(config, say)
        try:
            return [await contamination.table(problems, model, sampling)]
        finally:
            await model.drain(say)


QUALITY = "quality"
ANALYSES = {
    by_category.NAME: Analysis(_categories),
    failures.NAME: _reading(failures.tables),
    lengths.NAME: _reading(lengths.tables),
    stages.NAME: _reading(stages.tables),
    closeness.NAME: _reading(closeness.tables),
    noise.NAME: _reading(noise.tables, fewest_runs=2),
    QUALITY: Analysis(_quality, is_default=False),
    stochastic.NAME: Analysis(_stochastic, is_default=False),
    contamination.NAME: Analysis(_contamination, is_default=False),
}


def chosen(text: str | None, runs: int) -> tuple[str, ...]:
    """Return the analyses that `--only` names, or else the default ones that `runs` runs allow.

    Raises ConfigError for an unknown name, and for an analysis that needs more runs.
    """
    if text is None:
        usual = ((name, one) for name, one in ANALYSES.items() if one.is_default)
        return tuple(name for name, one in usual if runs >= one.fewest_runs)
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in ANALYSES]:
        raise ConfigError(f"only: no analysis {unknown[0]!r}; choose from {', '.join(ANALYSES)}")
    for name in names:
        if runs < (fewest := ANALYSES[name].fewest_runs):
            raise ConfigError(f"only: {name} compares {fewest} runs or more")
    return names


async def analyse_runs(names: Sequence[str], given: AnalysisInputs) -> list[AnalysisTable]:
    """Return the tables of some analyses. Raises AgentError or SandboxUnavailable."""
    return [table for name in names for table in await ANALYSES[name].tables(given)]

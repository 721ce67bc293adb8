"""The table of analyses, and the order in which they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from agent.config import RunConfig
from agent.datasets import load
from agent.errors import ConfigError
from agent.runner.resources import choose_problems, open_backends
from agent.support.activity import Say
from agent.types import Problem
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
from sandbox import open_sandbox

READ: dict[str, Callable[[Sequence[AnalysedRun]], Iterable[AnalysisTable]]] = {
    failures.NAME: failures.tables,
    lengths.NAME: lengths.tables,
    stages.NAME: stages.tables,
    closeness.NAME: closeness.tables,
}
"""Analyses that only read traces, beside that of the categories."""
QUALITY = "quality"
ASKED = (noise.NAME, QUALITY, stochastic.NAME, contamination.NAME)
"""Analyses that need several runs, other packages, a sandbox or a model."""
NAMES = (by_category.NAME, *READ, *ASKED)


def chosen(text: str | None, runs: int) -> tuple[str, ...]:
    """Return the analyses that `--only` names; by default those that only read traces.

    Raises ConfigError for an unknown name, and for the noise floor of a single run.
    """
    if text is None:
        return (by_category.NAME, *READ, *([noise.NAME] if runs > 1 else []))
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if unknown := [name for name in names if name not in NAMES]:
        raise ConfigError(f"only: no analysis {unknown[0]!r}; choose from {', '.join(NAMES)}")
    if noise.NAME in names and runs < 2:
        raise ConfigError("only: noise compares two runs or more")
    return names


async def analyse_runs(
    runs: Sequence[AnalysedRun],
    names: Sequence[str],
    categories: Categories,
    config: RunConfig,
    say: Say,
    environ: Mapping[str, str] | None = None,
) -> list[AnalysisTable]:
    """Return the tables of some analyses. `config` says the sandbox and the model to use.

    Raises AgentError or SandboxUnavailable.
    """
    found: list[AnalysisTable] = []
    for name in names:
        if name == by_category.NAME:
            found += by_category.tables(runs, categories)
        elif name == noise.NAME:
            found += noise.tables(runs)
        elif name == QUALITY:
            from experiments.analyses import quality  # its packages are an extra

            found += quality.tables(runs)
        elif name == stochastic.NAME:
            async with open_sandbox(config.sandbox.opening()) as sandbox:
                found += await stochastic.tables(runs, sandbox)
        elif name == contamination.NAME:
            found.append(await _contamination(config, say, environ))
        else:
            found += READ[name](runs)
    return found


async def _contamination(
    config: RunConfig, say: Say, environ: Mapping[str, str] | None
) -> AnalysisTable:
    problems: tuple[Problem, ...] = choose_problems(load(config.dataset), config)
    sampling = config.sampling(0).model_copy(update={"max_tokens": contamination.TOKENS})
    async with open_backends([config], problems, say, environ) as backends:
        model = backends.stored_model(config, say)
        try:
            return await contamination.table(problems, model, sampling)
        finally:
            await model.drain(say)

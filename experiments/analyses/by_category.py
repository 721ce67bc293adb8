"""Solved and failed problems of each category."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from agent.errors import ConfigError
from agent.evaluation.stats import wilson
from agent.settings import read_yaml
from agent.support.data import data_folder
from agent.types import Problem, Record, Trace
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, Cell
from experiments.studies.categories import CATEGORIES, category_of
from experiments.studies.draws import solved

NAME = "categories"
FEW = 5
"""Problems below which a category is called neither best nor worst."""
VALUES = "values"
"""The built-in categories: kinds of values. Every other name is a file's."""


class Rule(Record):
    """A category for prompts with any of some words; without words, for all."""

    category: str = Field(min_length=1)
    words: tuple[str, ...] = ()

    def holds(self, prompt: str) -> bool:
        """Whether a word of the prompt begins with one of the rule's, in upper or lower case."""
        return not self.words or any(
            re.search(rf"\b{re.escape(word)}", prompt, re.IGNORECASE) for word in self.words
        )


class CategoryFile(Record):
    """Categories of problems: `tasks` come before the rules, of which the first that holds counts.

    A problem that neither names is `other`.
    """

    rules: tuple[Rule, ...] = ()
    tasks: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """The task ids of each category."""

    def names(self) -> tuple[str, ...]:
        """Return the categories in the order of the file, `other` last."""
        named = [rule.category for rule in self.rules] + list(self.tasks)
        return tuple(dict.fromkeys((*named, "other")))

    def of(self, problem: Problem) -> str:
        """Return the category of a problem."""
        listed = (name for name, tasks in self.tasks.items() if problem.task_id in tasks)
        ruled = (rule.category for rule in self.rules if rule.holds(problem.prompt))
        return next(listed, None) or next(ruled, "other")


Categories = tuple[tuple[str, ...], Callable[[Problem], str]]
"""All categories, and the function that gives that of a problem."""


def read_categories(name: str) -> Categories:
    """Return the categories of `values`, of a file, or of a file's name in `configs/categories`.

    Raises ConfigError for an unknown name or a broken file.
    """
    if name == VALUES:
        return CATEGORIES, category_of
    shipped = data_folder("configs") / "categories"
    paths = [path for path in (Path(name), shipped / f"{name}.yaml") if path.is_file()]
    if not paths:
        known = ", ".join([VALUES, *sorted(path.stem for path in shipped.glob("*.yaml"))])
        raise ConfigError(f"categories: no file and no name {name!r}; the names are {known}")
    found = _read(paths[0])
    return found.names(), found.of


def _read(path: Path) -> CategoryFile:
    try:
        found = CategoryFile.model_validate(read_yaml(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "file"
        raise ConfigError(f"{path}: {place}: {first['msg']}") from None
    if not (found.rules or found.tasks):
        raise ConfigError(f"{path}: has neither rules nor tasks")
    twice = [task for tasks in found.tasks.values() for task in tasks]
    if again := next((task for task in twice if twice.count(task) > 1), None):
        raise ConfigError(f"{path}: tasks: {again} is in two categories")
    return found


def tables(runs: Sequence[AnalysedRun], categories: Categories) -> Iterator[AnalysisTable]:
    """Yield the table: a row for each run and category, and the best and worst in words."""
    head = ("run", "category", "problems", "solved", "failed", "pass@1 in %", "95 % interval")
    rows, notes = list[tuple[Cell, ...]](), list[str]()
    for run in runs:
        found = {name: line for name, line in _counted(run.traces, categories) if line[1]}
        for name, (passed, total) in found.items():
            low, high = wilson(passed, total)
            interval = f"{100 * low:.1f} to {100 * high:.1f}"
            share = 100 * passed / total
            rows.append((run.name, name, total, passed, total - passed, share, interval))
        notes += _extremes(run.name, found)
    yield AnalysisTable(
        name=NAME, title="Categories", notes=tuple(notes), head=head, rows=tuple(rows)
    )


def _counted(
    traces: Mapping[str, Trace], categories: Categories
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each category with its numbers of solved and of all problems."""
    names, of = categories
    known = [(of(trace.problem), solved(trace)) for trace in traces.values()]
    for name in names:
        verdicts = [passed for category, passed in known if category == name]
        yield name, (sum(verdicts), len(verdicts))


def _extremes(run: str, found: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield a line with the best and the worst category that have enough problems."""
    large = [(passed / n, name, passed, n) for name, (passed, n) in found.items() if n >= FEW]
    if len(large) < 2:
        return
    best, worst = max(large), min(large)
    words = [f"{name} ({passed} of {total})" for _, name, passed, total in (best, worst)]
    yield f"{run}: best {words[0]}, worst {words[1]}, of those with at least {FEW} problems."

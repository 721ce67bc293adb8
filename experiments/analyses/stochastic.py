"""Programs whose results differ between two runs: random numbers, and the clock."""

from __future__ import annotations

from collections.abc import Sequence

from agent.support.concurrency import all_or_first_error
from agent.types import Trace
from agent.visible_tests.docstring.examples import docstring_examples
from agent.visible_tests.executor import Executor
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, Cell
from experiments.analyses.failures import programs_of
from sandbox.base import Sandbox
from sandbox.types import Outcome

NAME = "stochastic"
SEEDS = (1, 2)
SHOWN = 5
"""Largest number of problems to name."""
_RESEED = """

import sys as _sys
for _name in ("random", "numpy.random"):
    if _name in _sys.modules:
        _sys.modules[_name].seed({seed})
del _sys, _name
"""
"""The sandbox gives every program the same random numbers; this code gives it others."""


async def tables(runs: Sequence[AnalysedRun], sandbox: Sandbox) -> list[AnalysisTable]:
    """Run all programs twice on the calls that their traces name. Return the table.

    Raises SandboxUnavailable.
    """
    rows, notes = list[tuple[Cell, ...]](), list[str]()
    for run in runs:
        found = await _stochastic_in(run, sandbox)
        for label, programs in programs_of(run.traces):
            known = [
                (trace, number) for trace, number in programs if trace.problem.task_id in found
            ]
            drawn = [
                (trace, number)
                for trace, number in known
                if trace.candidates[number].source in found[trace.problem.task_id]
            ]
            right = sum(bool(t.score and t.score.passed[number]) for t, number in drawn)
            rows.append((run.name, label, len(known), len(drawn), right))
        if tasks := [task for task, programs in found.items() if programs]:
            more = f" and {len(tasks) - SHOWN} more" if len(tasks) > SHOWN else ""
            notes.append(f"{run.name}: {', '.join(tasks[:SHOWN])}{more}.")
    head = ("run", "programs of", "examined", "stochastic", "right among these")
    about = (
        "Every program runs twice, with other random numbers, on the docstring's calls and on the"
        " selector's inputs. It is stochastic if a result differs. The judge's own runs always have"
        " the same random numbers."
    )
    return [
        AnalysisTable(
            name=NAME,
            title="Stochastic programs",
            notes=(about, *notes),
            head=head,
            rows=tuple(rows),
        )
    ]


async def _stochastic_in(run: AnalysedRun, sandbox: Sandbox) -> dict[str, set[str]]:
    """Return the stochastic programs of each problem that has calls, in the run's order."""
    settings = run.config.sandbox
    found: dict[str, set[str]] = {}

    async def look(trace: Trace, calls: Sequence[str]) -> None:
        limits, isolation = settings.visible_limits(), settings.isolation
        executor = Executor(trace.problem, sandbox, limits, isolation)
        sources = sorted({one.source for one in trace.candidates})
        found[trace.problem.task_id] = await stochastic(executor, sources, calls)

    with_calls = [(t, calls) for t in run.traces.values() if (calls := calls_of(t))]
    await all_or_first_error(look(*one) for one in with_calls)
    return {trace.problem.task_id: found[trace.problem.task_id] for trace, _ in with_calls}


def calls_of(trace: Trace) -> tuple[str, ...]:
    """Return the calls of the docstring that need no setup, and the selector's inputs."""
    examples = (one.call for one in docstring_examples(trace.problem) if not one.setup)
    return tuple(dict.fromkeys((*examples, *trace.inputs)))


async def stochastic(executor: Executor, sources: Sequence[str], calls: Sequence[str]) -> set[str]:
    """Return the programs whose results differ between two runs. Raises SandboxUnavailable."""
    seen: dict[str, set[tuple[tuple[str, str, str], ...]]] = {source: set() for source in sources}
    for seed in SEEDS:
        reseeded = {source + _RESEED.format(seed=seed): source for source in sources}
        results = await executor.run(reseeded, calls, _results)
        for program, result in results.items():
            seen[reseeded[program]].add(result)
    return {source for source, results in seen.items() if len(results) > 1}


def _results(outcomes: Sequence[Outcome]) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.status.value, one.value, one.exception) for one in outcomes)

"""The noise floor: what two runs with the same settings differ in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from agent.evaluation.stats import mcnemar_exact
from agent.settings import differences
from agent.types import Message, Trace
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, Cell, percent
from experiments.studies.draws import verdicts_of

NAME = "noise"


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table, a row for each pair of runs and each of single shot and answer."""
    pairs = [*combinations(runs, 2)]
    yield AnalysisTable(
        name=NAME,
        title="Noise floor",
        notes=(
            "Two runs of the same prompts and settings. A difference between other runs that is"
            " not larger than these says nothing. Runs with one store share their answers: repeat"
            " a run with another --store.",
            *(note for pair in pairs for note in _doubts(*pair)),
        ),
        head=(
            *("runs", "of", "problems", "same prompts", "same programs in %", "only first right"),
            *("only second right", "difference in points", "McNemar p"),
        ),
        rows=tuple(row for pair in pairs for row in _rows(*pair)),
    )


def _doubts(one: AnalysedRun, two: AnalysedRun) -> Iterator[str]:
    """Yield reasons why two runs are not a repetition."""
    changed = differences(one.config, two.config.model_copy(update={"seed": one.config.seed}))
    if changed:
        yield f"{one.name} and {two.name} differ in their settings: {'; '.join(changed)}."
    if one.report.model != two.report.model:
        yield f"{one.name} and {two.name} have different models."
    if not (one.report.asked and two.report.asked):
        idle = " and ".join(run.name for run in (one, two) if not run.report.asked)
        yield f"{idle}: all answers came from a store."


def _rows(one: AnalysedRun, two: AnalysedRun) -> Iterator[tuple[Cell, ...]]:
    tasks = [task for task in one.traces if task in two.traces]
    pairs = [(one.traces[task], two.traces[task]) for task in tasks]
    prompts = sum(_first_prompt(a) == _first_prompt(b) for a, b in pairs)
    for label in ("single shot", "answer"):
        chosen = [
            [(t, 0 if label == "single shot" else t.choice.candidate) for t in pair]
            for pair in pairs
        ]
        sources = [[trace.candidates[number].source for trace, number in pair] for pair in chosen]
        verdicts = [[verdicts_of(trace)[number] for trace, number in pair] for pair in chosen]
        gained = sum(b and not a for a, b in verdicts)
        lost = sum(a and not b for a, b in verdicts)
        yield (
            *(f"{one.name}, {two.name}", label, len(tasks), prompts),
            percent(sum(a == b for a, b in sources), len(tasks)),
            *(
                lost,
                gained,
                percent(gained - lost, len(tasks)),
                f"{mcnemar_exact(gained, lost):.3g}",
            ),
        )


def _first_prompt(trace: Trace) -> tuple[Message, ...]:
    return trace.calls[0].messages if trace.calls else ()

"""Outcomes of programs on the hidden tests by round, and exceptions on the visible tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.types import Trace
from experiments.analyses.analysis_table import AnalysedRun, AnalysisTable, percent
from sandbox.types import Status

NAME = "errors"
RUNTIME = (Status.EXCEPTION, Status.OUT_OF_MEMORY, Status.CRASHED)
"""Outcomes that are runtime errors."""
SHOWN = 8
"""Largest number of kinds of exceptions that have a column; the rest are `others`."""

Programs = tuple[str, Sequence[tuple[Trace, int]]]
"""A label, and the programs that it stands for: traces with numbers of candidates."""


def tables(runs: Sequence[AnalysedRun]) -> Iterator[AnalysisTable]:
    """Yield the table of hidden outcomes and the table of exceptions."""
    groups = [(run.name, group) for run in runs for group in programs_of(run.traces)]
    yield _outcomes(groups)
    yield _exceptions(groups)


def programs_of(traces: Mapping[str, Trace]) -> Iterator[Programs]:
    """Yield the single shots, the candidates of each round, the patches, and the answers."""
    every = [(trace, one) for trace in traces.values() for one in trace.candidates]
    yield "single shot", [(trace, 0) for trace in traces.values()]
    for number in sorted({one.round for _, one in every}):
        made = [(t, one.id) for t, one in every if one.round == number and one.patch is None]
        yield ("all drafts" if number == 0 else f"round {number}"), made
    patches = [(trace, one.id) for trace, one in every if one.patch is not None]
    if patches:
        yield "patches", patches
    yield "answer", [(trace, trace.choice.candidate) for trace in traces.values()]


def by_verdict(programs: Iterable[tuple[Trace, int]]) -> dict[bool, list[str]]:
    """Return the sources of right programs (True) and of wrong ones (False)."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for trace, number in programs:
        if trace.score:
            found[trace.score.passed[number]].append(trace.candidates[number].source)
    return found


def _hidden(programs: Iterable[tuple[Trace, int]]) -> Counter[str]:
    return Counter(trace.score.outcomes[number] for trace, number in programs if trace.score)


def _outcomes(groups: Sequence[tuple[str, Programs]]) -> AnalysisTable:
    counted = [(run, label, _hidden(programs)) for run, (label, programs) in groups]
    used = [status.value for status in Status if any(status.value in c for *_, c in counted)]
    head = ("run", "programs of", "programs", *used, "pass@1 in %", "without runtime errors in %")
    rows = []
    for run, label, counts in counted:
        total, passed = counts.total(), counts[Status.PASSED]
        others = total - sum(counts[status] for status in RUNTIME)
        shares = (percent(passed, total), percent(passed, others))
        rows.append((run, label, total, *(counts[name] for name in used), *shares))
    return AnalysisTable(
        name=NAME,
        title="Outcomes on the hidden tests",
        notes=(
            "The last column sets the programs aside that end in an exception, out of memory or in"
            " a crash.",
        ),
        head=head,
        rows=tuple(rows),
    )


def _exceptions(groups: Sequence[tuple[str, Programs]]) -> AnalysisTable:
    counted = [(run, label, *_raised(programs)) for run, (label, programs) in groups]
    totals: Counter[str] = Counter()
    for *_, counts in counted:
        totals += counts
    named = [name for name, _ in sorted(totals.items(), key=lambda one: (-one[1], one[0]))][:SHOWN]
    head = ("run", "programs of", "programs with visible tests", "with an exception", *named)
    rows = []
    for run, label, tested, counts in counted:
        others = counts.total() - sum(counts[name] for name in named)
        cells = (*(counts[name] for name in named), *([others] if len(totals) > SHOWN else []))
        rows.append((run, label, tested, counts.total(), *cells))
    return AnalysisTable(
        name=NAME,
        title="Exceptions on the visible tests",
        notes=("A program counts once, under the first exception of its visible tests.",),
        head=(*head, "others") if len(totals) > SHOWN else head,
        rows=tuple(rows),
    )


def _raised(programs: Iterable[tuple[Trace, int]]) -> tuple[int, Counter[str]]:
    """Return the number of programs with visible tests, and their first exceptions."""
    tested, first = 0, Counter[str]()
    for trace, number in programs:
        outcomes = next((row.outcomes for row in trace.rows if row.candidate == number), ())
        tested += bool(outcomes)
        raised = (one.exception for one in outcomes if one.status == Status.EXCEPTION)
        if name := next(raised, ""):
            first[name] += 1
    return tested, first

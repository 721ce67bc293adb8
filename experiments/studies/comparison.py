"""Paired comparison of two runs; all figures are over the problems that both runs scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.errors import RunFolderError
from agent.evaluation.stats import fewest_flips
from agent.report.build import build_report, paired
from agent.report.figures import (
    SIGNIFICANT,
    count,
    difference_text,
    gap_text,
    mcnemar_text,
    rate_text,
)
from agent.report.markdown import table
from agent.report.summary import Difference, Rate
from agent.runner.folder import RunFolder
from agent.support.command import NOT_DONE
from agent.support.safe_text import one_line
from agent.types import Record, Trace, Usage
from experiments.studies.draws import solved
from experiments.studies.ledger import Ledger, ledger, rows

CANNOT_TELL = 3
"""Exit code of a comparison that does not decide."""


class ComparedRun(Record):
    """The figures of one run, on the problems that both runs scored."""

    run: str
    model: str
    solved: Rate
    coverage: Rate
    """Problems with a candidate that passes the hidden tests."""
    usage: Usage
    calls: int
    executions: int
    variants: int
    patch_seconds: float
    ledger: Ledger


class Flip(Record):
    """A problem that only one of the runs solves, with the paths of both traces."""

    task_id: str
    first: str
    second: str


class Comparison(Record):
    """Two runs, paired by problem."""

    problems: int
    """Problems that both runs scored."""
    left_out: int
    """Problems of either run that are not scored in both."""
    notes: tuple[str, ...] = ()
    """Differences between the runs' data that a reader should know."""
    first: ComparedRun
    second: ComparedRun
    difference: Difference
    verdict: str
    """`better`, `worse`, `no significant difference` or `too few problems to tell`: the second run
    against the first, by McNemar's exact test."""
    gained: tuple[Flip, ...]
    """Problems that only the second run solves."""
    lost: tuple[Flip, ...]
    """Problems that only the first run solves."""


def compare(first: RunFolder, second: RunFolder) -> Comparison:
    """Pair two runs by problem, in the order of the first.

    Raises what `paired_traces` raises, and RunFolderError if a trace's score does not fit its pool.
    """
    pairs = paired_traces(first, second)
    before, after = ([solved(pair[side]) for pair in pairs] for side in (0, 1))
    shared = [trace.problem.task_id for trace, _ in pairs]
    flips = [
        (now, Flip(task_id=task, first=_trace(first, task), second=_trace(second, task)))
        for task, was, now in zip(shared, before, after, strict=True)
        if was != now
    ]
    difference = paired(before, after)
    return Comparison(
        problems=len(shared),
        left_out=len({*first.task_ids(), *second.task_ids()} - {*shared}),
        notes=tuple(_notes(first, second)),
        first=_side(first, [pair[0] for pair in pairs]),
        second=_side(second, [pair[1] for pair in pairs]),
        difference=difference,
        verdict=verdict_of(difference, len(shared)),
        gained=tuple(flip for now, flip in flips if now),
        lost=tuple(flip for now, flip in flips if not now),
    )


def paired_traces(first: RunFolder, second: RunFolder) -> list[tuple[Trace, Trace]]:
    """Return the traces of the problems, by id and prompt, that both runs scored.

    Raises RunFolderError if a manifest names no dataset, or if there is no such problem.
    """
    sets = [_dataset(folder) for folder in (first, second)]
    known, other = _scored(first), _scored(second)
    pairs = [(trace, other[task]) for task, trace in known.items() if task in other]
    same = [pair for pair in pairs if pair[0].problem.prompt == pair[1].problem.prompt]
    if not same:
        on = f" ({sets[0]['name']} and {sets[1]['name']})" if pairs else ""
        raise RunFolderError(f"{first.path} and {second.path} share no scored problem{on}")
    return same


def _notes(first: RunFolder, second: RunFolder) -> Iterator[str]:
    """Yield what a reader should know of two runs that are not on the same data."""
    one, two = (_dataset(folder) for folder in (first, second))
    if one["sha256"] != two["sha256"]:
        names = f"{one['name']} and {two['name']}"
        yield f"different datasets, {names}: compared on the problems with the same prompts"
    if {*first.task_ids()} != {*second.task_ids()}:
        yield "different problems: compared on those of both"


def verdict_of(difference: Difference, problems: int) -> str:
    """Return in words how the second of two runs on these problems compares with the first."""
    if difference.p < SIGNIFICANT:
        return "better" if difference.value > 0 else "worse"
    return "too few problems to tell" if problems < fewest_flips() else "no significant difference"


def code_of(difference: Difference, points: float) -> int:
    """Return an exit code for a bound in points.

    It is 0 if the whole 95 % interval of the difference is at or above it, 1 if it is below, and 3
    if it lies within, so that the runs cannot tell.
    """
    low, high = (round(100 * end, 9) for end in (difference.low, difference.high))
    if low >= points:
        return 0
    return NOT_DONE if high < points else CANNOT_TELL


def _dataset(folder: RunFolder) -> dict[str, object]:
    """Return name and hash of a run's dataset. Two datasets are the same if their hashes are."""
    dataset = folder.manifest().get("dataset")
    if not isinstance(dataset, dict) or not {"name", "sha256"} <= dataset.keys():
        raise RunFolderError(f"{folder.path}/manifest.json: names no dataset")
    return dataset


def _scored(folder: RunFolder) -> dict[str, Trace]:
    return {t.problem.task_id: t for t in folder.traces() if t.is_judged}


def _side(folder: RunFolder, traces: Sequence[Trace]) -> ComparedRun:
    model = str(folder.manifest().get("model", "-"))
    report = build_report(traces, dataset="", model=model, sandbox="", starts=(), unscored=())
    return ComparedRun(
        run=_shown(folder.path),
        model=model,
        solved=report.final,
        coverage=report.oracle,
        usage=report.usage,
        calls=report.calls,
        executions=report.executions,
        variants=report.patches.variants if report.patches else 0,
        patch_seconds=report.patches.seconds if report.patches else 0.0,
        ledger=ledger(traces, None),
    )


def _trace(folder: RunFolder, task: str) -> str:
    return _shown(folder.trace_path(task))


def _shown(path: Path) -> str:
    """Return a path that opens from the current folder: relative if it lies below that folder."""
    whole = path.resolve()
    here = Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def markdown(found: Comparison) -> str:
    """Return the comparison as Markdown tables."""
    change = found.difference
    parts = [
        f"{count(found.problems, 'problem')} scored by both, {found.left_out:,} left out;"
        " the difference is the second run minus the first.",
        *(one_line(note) for note in found.notes),
        table(("", "first", "second"), side_rows(found.first, found.second)),
        table(
            ("pass@1, second minus first", ""),
            (
                ("difference", difference_text(change, found.problems)),
                ("gained, lost", f"{count(change.gained, 'problem')} gained, {change.lost} lost"),
                ("exact McNemar", mcnemar_text(change, found.problems)),
                ("verdict", found.verdict),
            ),
        ),
        *_flips("gained", found.gained),
        *_flips("lost", found.lost),
    ]
    return "\n\n".join(parts)


def side_rows(first: ComparedRun, second: ComparedRun) -> Iterator[tuple[str, str, str]]:
    """Yield the figures of both runs: name, first, second."""
    for (label, left), (_, right) in zip(_side_cells(first), _side_cells(second), strict=True):
        yield label, left, right


def _side_cells(side: ComparedRun) -> tuple[tuple[str, str], ...]:
    return (
        ("run", one_line(side.run)),
        ("model", one_line(side.model)),
        ("pass@1", rate_text(side.solved)),
        ("oracle (coverage)", rate_text(side.coverage)),
        ("selection gap", gap_text(side.coverage, side.solved)),
        ("prompt tokens", f"{side.usage.prompt_tokens:,}"),
        ("completion tokens", f"{side.usage.completion_tokens:,}"),
        ("model calls", f"{side.calls:,}"),
        ("sandbox executions", f"{side.executions:,}"),
        ("variants screened", f"{side.variants:,} in {side.patch_seconds:,.1f} s of CPU time"),
        *rows(side.ledger),
    )


def _flips(title: str, flips: Sequence[Flip]) -> Iterator[str]:
    if flips:
        lines = ((one_line(flip.task_id), flip.first, flip.second) for flip in flips)
        yield table((title, "first", "second"), lines)

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

    Raises RunFolderError if their datasets differ, if they share no scored problem, or if a trace's
    score does not fit its pool.
    """
    sets = [_dataset(folder) for folder in (first, second)]
    if sets[0]["sha256"] != sets[1]["sha256"]:
        names = f"{sets[0]['name']} of {first.path} and {sets[1]['name']} of {second.path}"
        raise RunFolderError(f"runs on different datasets: {names}")
    known, other = _scored(first), _scored(second)
    shared = [task for task in known if task in other]
    if not shared:
        raise RunFolderError(f"{first.path} and {second.path} share no scored problem")
    left = _side(first, [known[task] for task in shared])
    right = _side(second, [other[task] for task in shared])
    before = [solved(known[task]) for task in shared]
    after = [solved(other[task]) for task in shared]
    flips = [
        (now, Flip(task_id=task, first=_trace(first, task), second=_trace(second, task)))
        for task, was, now in zip(shared, before, after, strict=True)
        if was != now
    ]
    difference = paired(before, after)
    return Comparison(
        problems=len(shared),
        left_out=len({*first.task_ids(), *second.task_ids()} - {*shared}),
        first=left,
        second=right,
        difference=difference,
        verdict=verdict_of(difference, len(shared)),
        gained=tuple(flip for now, flip in flips if now),
        lost=tuple(flip for now, flip in flips if not now),
    )


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
    if 100 * difference.low >= points:
        return 0
    return NOT_DONE if 100 * difference.high < points else CANNOT_TELL


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
        table(("", "first", "second"), _side_rows(found.first, found.second)),
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


def _side_rows(first: ComparedRun, second: ComparedRun) -> Iterator[tuple[str, str, str]]:
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

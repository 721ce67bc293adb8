"""The figures of a samples file and of a selection, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from agent.evaluation.sample_figures import SampleScores
from agent.evaluation.selection_figures import SelectionScores
from agent.report.figures import (
    VIEW_LABELS,
    by_reason,
    count,
    isolation_text,
    part_of,
    unjudged_head,
)


def score_lines(scores: SampleScores) -> Iterator[str]:
    """Yield the figures of a samples file."""
    unjudged = sum(item.samples for item in scores.unjudged)
    if unjudged:
        counted = scores.unjudged_count_as_failed
        yield unjudged_head(unjudged, count(scores.samples, "sample"), counted=counted)
        yield from by_reason((f"{i.task_id} ({i.samples})", i.reason) for i in scores.unjudged)
    samples = scores.samples - (0 if scores.unjudged_count_as_failed else unjudged)
    problems = part_of(scores.judged_problems, scores.dataset_problems)
    yield f"{scores.passed} of {samples} samples pass, {problems}"
    for k, value in scores.pass_at_k.items():
        views = (f", {VIEW_LABELS[name]} {rates[k]:.4f}" for name, rates in scores.views.items())
        yield f"pass@{k} {value:.4f}{''.join(views)}"
    yield from scores.left_out.values()
    yield ", ".join(f"{number} {name}" for name, number in scores.outcomes.items())
    yield f"problems by isolation: {isolation_text(scores.isolation, scores.unchecked)}"
    yield f"{scores.seconds:.1f} s"


def selection_lines(scores: SelectionScores) -> Iterator[str]:
    """Yield the figures of a selector on recorded samples."""
    if scores.unjudged:
        total = scores.problems
        if not scores.unjudged_count_as_failed:
            total += len(scores.unjudged)
        counted = scores.unjudged_count_as_failed
        yield unjudged_head(len(scores.unjudged), count(total, "problem"), counted=counted)
        yield from by_reason((item.task_id, item.reason) for item in scores.unjudged)
    problems = part_of(scores.problems, scores.dataset_problems)
    yield f"{scores.selector} on {scores.samples} samples of {problems}"
    yield f"pass@1 {scores.pass_1.expected:.4f} expected, {scores.pass_1.returned:.4f} returned"
    for k, value in ((2, scores.pass_2), (10, scores.pass_10)):
        if value is not None:
            yield f"pass@{k} {value:.4f}"
    yield f"problems by isolation: {isolation_text(scores.isolation, scores.unchecked)}"
    yield f"random {scores.random:.4f}, oracle {scores.oracle:.4f}"
    for name, rates in scores.views.items():
        shown = f"pass@1 {rates.expected:.4f} expected, random {rates.random:.4f}"
        yield f"{VIEW_LABELS[name]}: {shown}, oracle {rates.oracle:.4f}"
    yield f"{100 * scores.closed:.1f} % of the gap between random and oracle is closed"
    yield f"the selector distinguished candidates in {scores.told} of {scores.problems} problems"
    yield (
        f"{scores.programs} distinct programs, {scores.examples} docstring examples, "
        f"{scores.generated} generated tests, {scores.runs} runs of a program on a test; "
        f"{scores.seconds:.1f} s and {scores.scoring_seconds:.1f} s to score"
    )

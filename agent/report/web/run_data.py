"""A run as its page reads it: figures, costs and one line per problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from agent.evaluation.stats import pass_at_k
from agent.report.build import build_report
from agent.report.endings import ending, passed_tests, visible_test_counts
from agent.report.figures import difference_text, figures, mcnemar_text, rate_text, warnings
from agent.report.losses import LABELS, loss_label
from agent.report.summary import Report
from agent.report.web.problem_data import LEGEND, Json, hidden_words
from agent.support.safe_text import visible
from agent.types import Trace, Usage

Price = tuple[float, float]
"""Money for a million prompt tokens, and for a million completion tokens."""


def run_data(
    name: str,
    traces: Sequence[Trace],
    report: Report | None,
    missing: Sequence[str],
    price: Price | None = None,
) -> Json:
    """Return what the page of a run shows.

    `report` is None for a run that is not finished: its figures are then those of the problems that
    are scored. `missing` has a line for each thing that the run lacks.
    """
    scored = [trace for trace in traces if trace.score is not None]
    known = report or _so_far(scored)
    return {
        "name": visible(name),
        "missing": [visible(line) for line in missing],
        "warnings": [visible(line) for line in warnings(known)],
        "headline": _headline(known),
        "figures": [[one.label, visible(one.value), one.strong] for one in figures(known)],
        "money": _money(known.usage, price),
        "cost": cost_points(scored),
        "drafts": draft_points(scored),
        "rounds": list(known.solved_by_round),
        "patched": known.patches.right if known.patches else None,
        "losses": _losses(scored),
        "outcomes": _outcomes(scored),
        "isolation": dict(known.isolation),
        "legend": LEGEND,
        "problems": [problem_line(trace) for trace in traces],
        "unscored": [[visible(u.task_id), visible(u.error)] for u in known.unscored],
    }


def _so_far(scored: Sequence[Trace]) -> Report:
    return build_report(
        scored, dataset="", model="", sandbox="", starts=(), unscored=(), dataset_problems=0
    )


def _headline(report: Report) -> Json:
    total = report.final.total
    return {
        "final": rate_text(report.final),
        "singlePercent": 100 * report.single_shot.value,
        "finalPercent": 100 * report.final.value,
        "total": total,
        "difference": difference_text(report.difference, total),
        "p": mcnemar_text(report.difference, total),
        "gained": report.difference.gained,
        "lost": report.difference.lost,
    }


def _money(usage: Usage, price: Price | None) -> str:
    """Return the cost of all tokens at a price; empty without one."""
    if price is None:
        return ""
    spent = (usage.prompt_tokens * price[0] + usage.completion_tokens * price[1]) / 1e6
    return f"{spent:,.4f} at {price[0]:g} and {price[1]:g} for a million prompt and answer tokens"


def cost_points(traces: Sequence[Trace]) -> list[tuple[float, float]]:
    """Return mean tokens per problem, and the share solved, after the single shot and each round.

    A problem counts as solved from the round on that wrote its answer, if that is right.
    """
    judged = [trace for trace in traces if trace.is_judged and trace.score]
    if not judged:
        return []
    first = fmean(_single_tokens(trace) for trace in judged)
    points = [(first, fmean(bool(t.score and t.score.passed[0]) for t in judged))]
    for number in range(max(trace.rounds for trace in judged) + 1):
        spent = fmean(
            sum(call.usage.total for call in trace.calls if call.round <= number)
            for trace in judged
        )
        points.append((spent, fmean(_is_solved_by(trace, number) for trace in judged)))
    return points


def _single_tokens(trace: Trace) -> int:
    return trace.candidates[0].usage.total


def _is_solved_by(trace: Trace, number: int) -> bool:
    answer = trace.choice.candidate
    right = bool(trace.score and trace.score.passed[answer])
    return right and trace.candidates[answer].round <= number


def draft_points(traces: Sequence[Trace]) -> list[tuple[float, float]]:
    """Return mean tokens per problem, and pass@k, of k = 1, 2, ... drafts: an upper bound of draws.

    It is what drawing again reaches with a selector that never errs. Empty if the number of drafts
    differs between problems.
    """
    judged = [trace for trace in traces if trace.score is not None and trace.score.judges()]
    drafts = [[c for c in trace.candidates if c.origin == "draft"] for trace in judged]
    if len({len(one) for one in drafts}) != 1:
        return []
    (number,) = {len(one) for one in drafts}
    points = []
    for k in range(1, number + 1):
        tokens = fmean(
            one[0].usage.prompt_tokens + k * fmean(c.usage.completion_tokens for c in one)
            for one in drafts
        )
        rates = []
        for trace, own in zip(judged, drafts, strict=True):
            right = sum(bool(trace.score and trace.score.passed[c.id]) for c in own)
            rates.append(pass_at_k(number, right, k))
        points.append((tokens, fmean(rates)))
    return points


def _losses(traces: Sequence[Trace]) -> list[tuple[str, int]]:
    lost = Counter(map(loss_label, filter(_is_lost, traces)))
    return [(label, lost[label]) for label in LABELS if lost[label] or label != "no answer"]


def _is_lost(trace: Trace) -> bool:
    return trace.is_judged and hidden_words(trace, trace.choice.candidate) != "passed"


def _outcomes(traces: Sequence[Trace]) -> list[tuple[str, int]]:
    """Return the numbers of answers by outcome on the hidden tests, the most frequent first."""
    counts = Counter(hidden_words(trace, trace.choice.candidate) for trace in traces)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def problem_line(trace: Trace) -> Json:
    """Return the line of a problem in lists."""
    answer, total = trace.candidates[trace.choice.candidate], visible_test_counts(trace)
    passed = passed_tests(trace, answer.id)
    usage = sum((call.usage for call in trace.calls), Usage())
    return {
        "id": visible(trace.problem.task_id),
        "entry": visible(trace.problem.entry_point),
        "single": hidden_words(trace, 0),
        "final": hidden_words(trace, answer.id),
        "loss": loss_label(trace) if _is_lost(trace) else "",
        "round": answer.round,
        "rounds": trace.rounds,
        "patch": "" if answer.patch is None else "weak patch" if answer.patch.weak else "patch",
        "candidates": len(trace.candidates),
        "examples": f"{passed.examples}/{total.examples}",
        "generated": f"{passed.generated}/{total.generated}",
        "stopped": visible(ending(trace)),
        "tokens": usage.total,
        "seconds": trace.seconds,
    }

"""A run as its page reads it: figures, costs and one line per problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from agent.report.draft_costs import draft_requests, share_no_prompt
from agent.report.endings import ending, passed_tests, visible_test_counts
from agent.report.figures import (
    difference_text,
    duration,
    figures,
    mcnemar_text,
    warnings,
)
from agent.report.losses import labels_of, loss_label
from agent.report.summary import Report
from agent.report.web.problem_data import LEGEND, Json, hidden_words
from agent.support.safe_text import visible
from agent.types import Candidate, Trace
from sandbox.types import Status

ERRORS_SHOWN = 8
"""Largest number of errors with a bar of their own."""
Price = tuple[float, float]
"""Money for a million prompt tokens, and for a million completion tokens."""


def run_data(
    name: str,
    traces: Sequence[Trace],
    report: Report,
    missing: Sequence[str],
    price: Price | None = None,
) -> Json:
    """Return what the page of a run shows. `missing` has a line for each thing that it lacks."""
    scored = [trace for trace in traces if trace.score is not None]
    return {
        "name": visible(name),
        "missing": [visible(line) for line in missing],
        "warnings": [visible(line) for line in warnings(report)],
        "headline": _headline(report),
        "figures": [[one.label, visible(one.value), one.strong] for one in figures(report)],
        "spent": _spent(report, price),
        "cost": cost_points(scored),
        "drafts": draft_curves(scored),
        "rounds": list(report.solved_by_round),
        "patched": report.patches.right if report.patches else None,
        "losses": _losses(scored),
        "outcomes": _outcomes(scored),
        "errors": error_classes(traces),
        "isolation": dict(report.isolation),
        "legend": LEGEND,
        "problems": [problem_line(trace) for trace in traces],
        "unscored": [[visible(u.task_id), visible(u.error)] for u in report.unscored],
    }


def _headline(report: Report) -> Json:
    total = report.final.total
    return {
        "singlePercent": 100 * report.single_shot.value,
        "finalPercent": 100 * report.final.value,
        "total": total,
        "difference": difference_text(report.difference, total),
        "p": mcnemar_text(report.difference, total),
        "gained": report.difference.gained,
        "lost": report.difference.lost,
    }


def _spent(report: Report, price: Price | None) -> str:
    """Return the cost of a run in tokens, executions and time, and in money at a price."""
    usage, problems = report.usage, max(1, report.scored)
    found = [
        f"{usage.total:,} tokens ({usage.total / problems:,.0f} a problem)",
        f"{report.executions:,} programs run",
    ]
    if report.patches:
        found.append(f"{duration(report.patches.seconds)} of CPU time for patches")
    if report.seconds:
        found.append(f"{duration(report.seconds)} of wall time")
    if price is not None:
        money = (usage.prompt_tokens * price[0] + usage.completion_tokens * price[1]) / 1e6
        rates = f"{price[0]:g} and {price[1]:g} for a million prompt and answer tokens"
        found.append(f"{money:,.4f} at {rates}")
    return ", ".join(found)


def cost_points(traces: Sequence[Trace]) -> list[tuple[float, float]]:
    """Return mean tokens per problem, and the share solved, after the single shot and each round.

    A problem counts as solved from the round on that wrote its answer, if that is right.
    """
    judged = [trace for trace in traces if trace.is_judged and trace.score]
    if not judged:
        return []
    first = fmean(_single_tokens(trace) for trace in judged)
    points = [(first, fmean(_is_right(trace, trace.candidates[0]) for trace in judged))]
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
    return _is_right(trace, trace.chosen) and trace.chosen.round <= number


def draft_curves(traces: Sequence[Trace]) -> Json:
    """Return mean tokens per problem, and the share solved, of the first 1, 2, ... drafts alone.

    `chosen`: those that pass the most docstring examples are the answer; ties count with their
    share of right programs. `best`: any right draft is the answer. Both are empty if the number of
    drafts differs between problems.
    """
    judged = [trace for trace in traces if trace.score is not None and trace.score.judges()]
    drafts = [[c for c in trace.candidates if c.origin == "draft"] for trace in judged]
    if len({len(one) for one in drafts}) != 1:
        return {"chosen": [], "best": []}
    (number,) = {len(one) for one in drafts}
    chosen, best = [], []
    for k in range(1, number + 1):
        pairs = [(trace, own[:k]) for trace, own in zip(judged, drafts, strict=True)]
        tokens = fmean(_drafting_tokens(*pair) for pair in pairs)
        chosen.append((tokens, fmean(_expected(*pair) for pair in pairs)))
        best.append((tokens, fmean(any(_is_right(t, d) for d in own) for t, own in pairs)))
    return {"chosen": chosen, "best": best}


def _drafting_tokens(trace: Trace, drafts: Sequence[Candidate]) -> int:
    """Return the tokens of drafts. Those of one request share its prompt; planned ones do not."""
    if share_no_prompt(trace):
        return sum(draft.usage.total for draft in drafts)
    requests = draft_requests(trace.greedy_drafts, len(drafts))
    written = sum(draft.usage.completion_tokens for draft in drafts)
    return requests * drafts[0].usage.prompt_tokens + written


def _expected(trace: Trace, drafts: Sequence[Candidate]) -> float:
    """Return the share of right programs among the drafts that pass the most examples."""
    counts = [passed_tests(trace, draft.id).examples for draft in drafts]
    ties = [draft for draft, count in zip(drafts, counts, strict=True) if count == max(counts)]
    return fmean(_is_right(trace, draft) for draft in ties)


def _is_right(trace: Trace, candidate: Candidate) -> bool:
    return bool(trace.score and trace.score.passed[candidate.id])


def _losses(traces: Sequence[Trace]) -> list[tuple[str, int]]:
    lost = Counter(map(loss_label, filter(_is_lost, traces)))
    return [(label, lost[label]) for label in labels_of(lost)]


def _is_lost(trace: Trace) -> bool:
    return trace.is_judged and hidden_words(trace, trace.choice.candidate) != "passed"


def _outcomes(traces: Sequence[Trace]) -> list[tuple[str, int]]:
    """Return the numbers of answers by outcome on the hidden tests, the most frequent first."""
    counts = Counter(hidden_words(trace, trace.choice.candidate) for trace in traces)
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def error_classes(traces: Sequence[Trace]) -> list[tuple[str, int]]:
    """Return the numbers of programs of the model by error on visible tests, most frequent first.

    A program counts once for each of its errors: exceptions by their names, timeouts, ...; wrong
    answers are none.
    """
    found = Counter(
        error
        for trace in traces
        for row in trace.rows
        if trace.candidates[row.candidate].patch is None
        for error in {
            outcome.exception or outcome.status.value
            for outcome in row.outcomes
            if outcome.status not in (Status.PASSED, Status.WRONG_ANSWER)
        }
    )
    counts = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    others = sum(number for _, number in counts[ERRORS_SHOWN:])
    shown = [(visible(name), number) for name, number in counts[:ERRORS_SHOWN]]
    return [*shown, ("others", others)] if others else shown


def problem_line(trace: Trace) -> Json:
    """Return the line of a problem in lists."""
    answer, total = trace.chosen, visible_test_counts(trace)
    passed = passed_tests(trace, answer.id)
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
        "tokens": trace.usage.total,
    }

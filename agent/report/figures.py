"""The figures of a report as text, for the terminal and for report.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agent.report.summary import Difference, Rate, Report
from agent.support.safe_text import one_line

SIGNIFICANT = 0.05
"""Significance level: a smaller p-value is called significant."""
SHOWN_K = (*range(1, 11), 20, 50, 100)
"""Values of k for which pass@k of the drafts is shown, and their number."""
VIEW_LABELS = {"base": "by the base tests alone", "unseen": "by tests not in the prompt"}
"""Labels of the views of the hidden tests."""
REASONS_SHOWN = 3
"""Maximum number of unscored problems to name in the warnings."""


class Figure(NamedTuple):
    """One line of the table."""

    label: str
    value: str
    strong: bool = False
    """Whether the line is printed bold: a main result of the run."""


def figures(report: Report) -> tuple[Figure, ...]:
    """Return all figures of a run, in reading order. Rates are over the scored problems."""
    return (
        Figure("dataset", report.dataset + _part(report)),
        Figure("model", report.model),
        Figure("sandbox", report.sandbox),
        *_results(report),
        Figure("solved per round", _rounds(report)),
        Figure("programs drafted", _with_mean(report.drafts, report.scored)),
        Figure(
            "tokens",
            f"{report.usage.prompt_tokens:,} prompt (once per request),"
            f" {report.usage.completion_tokens:,} completion",
        ),
        Figure("model calls", _calls(report)),
        *_missing(report),
        Figure("sandbox executions", f"{report.executions:,}"),
        *_patch_cost(report),
        Figure("loops stopped", _named(report.stopped.items()) or "-"),
        *_judged(report),
        *([Figure("wall time", _wall_time(report))] if report.starts or report.seconds else []),
    )


def warnings(report: Report) -> tuple[str, ...]:
    """Return lines to show before the figures: the unscored and the unjudged problems, if any."""
    return *unscored_lines(report), *unjudged_lines(report)


def unscored_lines(report: Report) -> tuple[str, ...]:
    """Return the number of unscored problems and some reasons; nothing if all are scored."""
    failed, scored = len(report.unscored), report.scored
    if not failed:
        return ()
    head = (
        f"{failed} of {count(failed + scored, 'problem')} UNSCORED: the machinery failed on"
        f" {'it' if failed == 1 else 'them'}. The figures are over the {scored} scored."
    )
    shown = [f"{u.task_id}: {one_line(u.error)}" for u in report.unscored[:REASONS_SHOWN]]
    rest = [f"and {failed - REASONS_SHOWN} more"] if failed > REASONS_SHOWN else []
    return head, *shown, *rest


def unjudged_lines(report: Report) -> tuple[str, ...]:
    """Return the number of unjudged problems and all reasons; nothing if all are judged."""
    if not report.unjudged:
        return ()
    failing, total = len(report.unjudged), count(report.scored, "problem")
    head = unjudged_head(failing, total, counted=report.unjudged_count_as_failed)
    return head, *by_reason((u.task_id, u.reason) for u in report.unjudged)


def unjudged_head(number: int, total: str, *, counted: bool) -> str:
    """Return the line on unjudged problems or samples. `total` is the number of all, with a noun.

    `counted` says that they count as failed all the same.
    """
    fate = "count as failed" if counted else "are in no rate"
    return (
        f"{number} of {total} UNJUDGED: the dataset's own solution fails, too, so that failing"
        f" says nothing. They {fate}."
    )


def by_reason(unjudged: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line per reason, with all tasks. Each item is (task id, reason)."""
    tasks: dict[str, list[str]] = {}
    for task, reason in unjudged:
        tasks.setdefault(reason, []).append(task)
    return [f"{', '.join(named)}: {one_line(reason, 300)}" for reason, named in tasks.items()]


def _part(report: Report) -> str:
    """Return the note that a run covers a part of its dataset; empty if it covers all."""
    if report.problems >= report.dataset_problems:
        return ""
    chosen = f", {report.part}" if report.part else ""
    return f", {part_of(report.problems, report.dataset_problems)}{chosen}"


def part_of(problems: int, dataset_problems: int) -> str:
    """Return the number of problems, with that of the dataset if figures are over a part of it."""
    if problems >= dataset_problems:
        return count(problems, "problem")
    return f"{problems:,} of {count(dataset_problems, 'problem')}"


def _calls(report: Report) -> str:
    text = f"{report.calls:,} for {count(report.completions, 'completion')}"
    refused = f", {count(report.refused, 'prompt')} refused as too long"
    return text + refused if report.refused else text


def _judged(report: Report) -> tuple[Figure, ...]:
    """Return the line on isolations and self-checks; none for runs of former versions."""
    if not report.isolation:
        return ()
    return (Figure("problems by isolation", isolation_text(report.isolation, report.unchecked)),)


def isolation_text(isolation: Mapping[str, int], unchecked: int) -> str:
    """Return the numbers of problems by isolation, and of those without a self-check."""
    counts = _named(isolation.items())
    return f"{counts}; without a self-check: {unchecked:,}" if unchecked else counts


def _missing(report: Report) -> tuple[Figure, ...]:
    """Return the line on answers without text; none if all answers have some."""
    if not report.without_text:
        return ()
    return (Figure("answers without text", without_text(report)),)


def without_text(report: Report) -> str:
    """Return the number of answers without text among all, and the numbers by reason."""
    number, reasons = sum(report.without_text.values()), _named(report.without_text.items())
    return f"{number:,} of {report.completions:,}: {reasons}"


def _wall_time(report: Report) -> str:
    if len(report.starts) < 2:
        return duration(report.seconds)
    each = ", ".join(map(duration, report.starts))
    return f"{duration(report.seconds)} in {len(report.starts)} starts: {each}"


def duration(seconds: float) -> str:
    """Return a duration as text, in seconds, minutes or hours."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def rate_text(rate: Rate) -> str:
    """Return a rate in percent, with its counts and interval."""
    if not rate.total:
        return "no problem was scored"
    return (
        f"{100 * rate.value:.1f} % ({rate.passed} of {rate.total} scored),"
        f" 95 % interval {100 * rate.low:.1f} to {100 * rate.high:.1f}"
    )


def difference_text(change: Difference, total: int) -> str:
    """Return a difference in points, with its interval. `total` is the number of pairs."""
    if not total:
        return "no problem was scored"
    return (
        f"{100 * change.value:+.1f} points,"
        f" 95 % interval {100 * change.low:+.1f} to {100 * change.high:+.1f}"
    )


def mcnemar_text(change: Difference, total: int) -> str:
    """Return a difference's exact p-value and its meaning. `total` is the number of pairs."""
    if not total:
        return "no problem was scored"
    return f"p = {change.p:.3g}: {significance(change.p)}"


def gap_text(oracle: Rate, final: Rate) -> str:
    """Return the selection gap: problems with a right program that the selector did not return."""
    missed = count(oracle.passed - final.passed, "right answer")
    return f"{100 * (oracle.value - final.value):.1f} points ({missed} missed)"


def significance(p: float) -> str:
    """Return `significant at 0.05` for a small p-value, else `not significant at 0.05`."""
    return ("" if p < SIGNIFICANT else "not ") + f"significant at {SIGNIFICANT}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is 1."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _results(report: Report) -> tuple[Figure, ...]:
    change = report.difference
    if not report.final.total:
        return (Figure("final pass@1", "no problem was scored", strong=True),)
    return (
        Figure(f"single shot, {_first_draft(report)}", rate_text(report.single_shot)),
        *_sampled(report),
        Figure("final pass@1", rate_text(report.final), strong=True),
        Figure("the same, drawn among ties", f"{100 * report.expected:.1f} %"),
        *_patches(report),
        Figure("difference", difference_text(change, report.final.total), strong=True),
        Figure("gained, lost", f"{count(change.gained, 'problem')} gained, {change.lost} lost"),
        Figure("exact McNemar", mcnemar_text(change, report.final.total), strong=True),
        *_views(report),
        Figure("oracle (coverage)", rate_text(report.oracle)),
        Figure("selection gap", gap_text(report.oracle, report.final)),
    )


def _patches(report: Report) -> Iterator[Figure]:
    """Yield the lines on patches among the final answers; none if none were searched."""
    if (patches := report.patches) is None:
        return
    yield Figure(
        "of these by patches", f"{patches.right} right of {patches.answers}, {patches.weak} weak"
    )
    if patches.unpatched is not None and patches.difference is not None:
        change = f"{patches.difference.gained} gained, {patches.difference.lost} lost by patches"
        p = f"p = {patches.difference.p:.3g}"
        yield Figure("final without patches", f"{rate_text(patches.unpatched)}; {change}, {p}")


def _patch_cost(report: Report) -> Iterator[Figure]:
    if (patches := report.patches) is not None:
        cost = f"{patches.variants:,} in {duration(patches.seconds)} of CPU time"
        yield Figure("variants screened", cost)


def _views(report: Report) -> Iterator[Figure]:
    """Yield a line per view of the hidden tests."""
    for name, view in report.views.items():
        rates = f"single shot {100 * view.single_shot.value:.1f} %, final {rate_text(view.final)}"
        change = f"{100 * view.difference.value:+.1f} points, p = {view.difference.p:.3g}"
        yield Figure(VIEW_LABELS.get(name, name), f"{rates}; {change}")


def _first_draft(report: Report) -> str:
    is_recorded = report.first_draft == "recorded"
    return "first recorded sample" if is_recorded else report.first_draft


def _sampled(report: Report) -> tuple[Figure, ...]:
    """Return the line on the sampled drafts; none if there are none beside the single shot."""
    known = report.sampled
    if len(known) <= (report.first_draft == "sampled"):
        return ()
    shown = [f"pass@{k} {100 * known[k]:.1f} %" for k in known if k in (*SHOWN_K, max(known))]
    return (Figure("sampled drafts", ", ".join(shown)),)


def _with_mean(number: int, problems: int) -> str:
    return f"{number:,}" + (f" ({number / problems:.1f} a problem)" if problems else "")


def _rounds(report: Report) -> str:
    first = "drafts" if report.patches is None else "drafts and their patches"
    solved = report.solved_by_round
    names = [first, *(f"round {number}" for number in range(1, len(solved)))]
    return _named(zip(names, solved, strict=True))


def _named(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name}: {number}" for name, number in counts)

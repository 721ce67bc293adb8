"""The results of a study as Markdown tables, each with a sentence on how to read it.

The same result gives the same bytes. Text of the study (names, settings) is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from agent.report.figures import SIGNIFICANT, count, duration
from agent.report.losses import LABELS, labels_of
from agent.report.markdown import table
from agent.report.summary import Rate
from experiments.studies import sample_tables
from experiments.studies.cells import NONE, difference, shown, with_interval
from experiments.studies.ledger import rows
from experiments.studies.results import ArmResult, ArmSpending, Cost, Interval, StudyResult

MORE, LESS, SAME = "more than draws", "less than draws", "no significant difference"
Row = tuple[str, ...]


def markdown(result: StudyResult) -> str:
    """Return the title and all tables of a study."""
    return f"# Study: {shown(result.name)}\n\n{body(result)}"


def body(result: StudyResult) -> str:
    """Return all tables of a study, without the title."""
    samples = (sample_tables.sampled, sample_tables.at_equal_tokens)
    others = (sample_tables.impact, sample_tables.published)
    sections = (_head, _arms, _results, *samples, *others, _budget, _cost, _ledger, _losses)
    return "\n\n".join(part for section in sections for part in section(result)) + "\n"


def spending(rows: Sequence[ArmSpending]) -> str:
    """Return the table of model answers and times, which depend on the store and the clock."""
    head: Row = ("arm", "answers from the model", "prompt tokens", "completion tokens", "wall time")
    head += ("CPU of the search for patches",)
    lines = (
        (
            shown(row.name),
            *_counts(row.asked, row.prompt_tokens, row.completion_tokens),
            duration(row.seconds),
            f"{row.patch_seconds:,.1f} s",
        )
        for row in rows
    )
    read = "Answers that the model itself gave. The store gave all other answers."
    return f"## Spending\n\n{read}\n\n{table(head, lines)}\n"


def against_draws(found: Interval | None) -> str:
    """Return in words if an arm does better than draws, by the adjusted p-value."""
    if found is None:
        return "not compared"
    if found.holm >= SIGNIFICANT:
        return SAME
    return MORE if found.value > 0 else LESS


def against_baseline(arm: ArmResult) -> str:
    """Return in words if an arm differs from the baseline arm, by the adjusted p-value."""
    if arm.holm is None:
        return "not compared"
    return "significant after Holm" if arm.holm < SIGNIFICANT else "not significant"


def _head(result: StudyResult) -> Iterator[str]:
    found = "; ".join(
        f"{NONE if smallest is None else f'{100 * smallest:.1f} points'} if"
        f" {100 * flips:g} % of the problems change"
        for flips, smallest in result.detectable
    )
    single = f"{100 * result.single_draw:.1f} %, standard error"
    error = f"{100 * result.single_draw_error:.1f} points, clustered by problem"
    fewest = f"{count(result.fewest_flips, 'problem')}, all in one direction"
    lines = (
        ("dataset", shown(result.dataset)),
        ("model", shown(result.model)),
        ("problems", f"{result.problems:,}"),
        ("pass@1 of a single draw", f"{single} {error}"),
        ("stored drafts to draw from", f"{result.drawn:,} per problem"),
        ("smallest difference detected with 80 % power, at the first step of Holm", found or NONE),
        ("fewest problems that must change for significance", fewest),
    )
    left = f" {count(result.left_out, 'problem')} left out: not scored in every arm." * bool(
        result.left_out
    )
    if result.description:
        yield shown(result.description)
    yield (
        "All figures are over the problems that every arm has scored, and are paired by problem."
        f" Intervals are 95 % each, without adjustment for their number.{left}"
    )
    yield table(("study", shown(result.name)), lines)


def _arms(result: StudyResult) -> Iterator[str]:
    yield "## Arms"
    yield (
        "The settings that each arm changes, and the draws that it is compared with. The baseline"
        f" is {shown(result.baseline)}."
    )
    lines = (
        (
            shown(arm.name),
            ", ".join(f"{shown(k)}: {shown(v)}" for k, v in arm.settings.items()) or NONE,
            shown(arm.draws) or NONE,
        )
        for arm in result.arms
    )
    yield table(("arm", "changed settings", "draws"), lines)


def _results(result: StudyResult) -> Iterator[str]:
    yield "## Results"
    yield (
        "The answers that each arm returns. Coverage is the share of problems with a right"
        " candidate. The selection gap is coverage minus pass@1: right candidates that the selector"
        " missed. The difference is the arm minus the baseline. McNemar p is of the exact test;"
        " Holm p is the same, adjusted for the number of arms."
    )
    head: Row = ("arm", "pass@1 in %", "coverage in %", "selection gap in points")
    head += ("minus the baseline in points", "gained, lost", "McNemar p", "Holm p", "conclusion")
    yield table(head, (_result(arm, result.baseline) for arm in result.arms))
    yield from _list(
        f"{count(arm.unscored, 'problem')} UNSCORED in {shown(arm.name)}: excluded from all"
        " figures, because the model or the sandbox failed."
        for arm in result.arms
        if arm.unscored
    )


def _result(arm: ArmResult, baseline: str) -> Row:
    change, gap = arm.versus, arm.oracle.value - arm.final.value
    start: Row = (shown(arm.name), _rate(arm.final), _rate(arm.oracle))
    start += (f"{100 * gap:.1f}" if arm.final.total else NONE,)
    if change is None:
        words = "baseline" if arm.name == baseline else against_baseline(arm)
        return (*start, NONE, NONE, NONE, NONE, words)
    holm = NONE if arm.holm is None else f"{arm.holm:.3g}"
    flips = f"{change.gained}, {change.lost}"
    return (*start, difference(change), flips, f"{change.p:.3g}", holm, against_baseline(arm))


def _budget(result: StudyResult) -> Iterator[str]:
    yield "## Equal budget"
    yield (
        "Each arm minus draws with the same selector, in points of expected pass@1. Ties of the"
        " selector count by their share of right candidates. The draws begin as the loop does: with"
        " the arm's number of drafts, the first of them greedy if draft.first is. They continue one"
        " by one until a draw passes the tests that end a problem, as in the loop, or up to a limit"
        " that is the same for every problem: the number of draws that cost the arm's mean tokens,"
        " or that make as many programs. The conclusions are from a sign-flip test by problem,"
        " adjusted by Holm for the number of arms. Samples and tokens are means per problem."
    )
    head: Row = ("arm", "samples", "generated tokens", "total tokens", "pass@1 in %, expected")
    head += ("coverage in %", "draws: pass@1 in %", "draws: coverage in %")
    head += ("minus draws at equal tokens", "Holm p", "conclusion")
    head += ("minus draws at equal samples", "Holm p", "conclusion")
    yield table(head, map(_spent, result.arms))
    beyond = [f"{shown(arm.name)} {arm.beyond:,.0f}" for arm in result.arms if arm.beyond]
    if beyond:
        yield (
            f"Tokens per problem that remain after all {result.drawn:,} stored draws, which are"
            f" then too few: {', '.join(beyond)}."
        )


def _spent(arm: ArmResult) -> Row:
    last = arm.points[-1] if arm.points else None
    spent = (f"{last.samples:.1f}", f"{last.generated:,.0f}", f"{last.total:,.0f}") if last else ()
    return (
        shown(arm.name),
        *(spent or [NONE] * 3),
        f"{100 * arm.expected:.1f}",
        f"{100 * arm.oracle.value:.1f}",
        *_drawn(arm),
        *_comparison(arm.at_tokens),
        *_comparison(arm.at_samples),
    )


def _drawn(arm: ArmResult) -> tuple[str, str]:
    if arm.drawn is None:
        return NONE, NONE
    return f"{100 * arm.drawn.passed:.1f}", f"{100 * arm.drawn.coverage:.1f}"


def _comparison(found: Interval | None) -> tuple[str, str, str]:
    holm = NONE if found is None else f"{found.holm:.3g}"
    return difference(found), holm, against_draws(found)


def _cost(result: StudyResult) -> Iterator[str]:
    yield "## Cost"
    yield (
        "The cost of each arm as if it had run alone, summed over its problems. New is the cost of"
        " answers that no earlier arm asked for, since all arms share one store of answers."
    )
    kinds = ("prompt tokens", "completion tokens", "calls", "completions")
    ran = ("executions", "variants screened")
    head: Row = ("arm", *kinds, *ran, *(f"new {kind}" for kind in kinds))
    lines = (
        (
            shown(arm.name),
            *_costs(arm.cost),
            f"{arm.executions:,}",
            f"{arm.variants:,}",
            *_costs(arm.new),
        )
        for arm in result.arms
    )
    yield table(head, lines)


def _ledger(result: StudyResult) -> Iterator[str]:
    yield "## Repair ledger"
    yield (
        "An edit is a candidate that the model made from another one; a patch is not. The hidden"
        " tests say if it fixes or breaks. Drawing again is the number of fixed problems that fresh"
        " draws are expected to solve at the cost of the fixes."
    )
    found = [(shown(arm.name), dict(rows(arm.ledger))) for arm in result.arms]
    labels = max((tuple(cells) for _, cells in found), key=len, default=())
    lines = ((name, *(cells.get(label, NONE) for label in labels)) for name, cells in found)
    yield table(("arm", *labels), lines)


def _losses(result: StudyResult) -> Iterator[str]:
    yield "## Losses"
    yield (
        "Problems that the answer does not solve. `coverage`: no candidate is right. `hidden edge"
        " cases`: no candidate is right, but the answer passes every visible test. `wrong visible"
        " test`: each right candidate fails a visible test that the answer passes. `selection`: the"
        " selector could have chosen a right candidate. The outcome is that of the hidden tests on"
        " the answer."
    )
    names = [shown(arm.name) for arm in result.arms]
    yield table(("reason", "outcome", *names), _reasons([_by_reason(arm) for arm in result.arms]))
    yield "Unsolved problems by category:"
    unsolved = [_lost(arm) for arm in result.arms]
    lines = (
        (shown(kind), *(f"{lost[kind]} of {problems}" for lost in unsolved))
        for kind, problems in result.categories.items()
    )
    yield table(("category", *names), lines)


def _by_reason(arm: ArmResult) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for loss in arm.losses:
        for key in (("all", "all"), (loss.label, "all"), (loss.label, loss.outcome)):
            found[key] += loss.problems
    return found


def _reasons(arms: Sequence[Counter[tuple[str, str]]]) -> Iterator[Row]:
    """Yield the row of all losses, then for each label its total before its outcomes."""
    seen = {key for arm in arms for key in arm}
    known = [("all", "all"), *((label, "all") for label in labels_of(()))]
    rank = {label: place for place, label in enumerate(("all", *LABELS))}

    def order(key: tuple[str, str]) -> tuple[int, str, bool, str]:
        return rank.get(key[0], len(rank)), key[0], key[1] != "all", key[1]

    for label, outcome in sorted({*known, *seen}, key=order):
        yield shown(label), shown(outcome), *_counts(*(arm[label, outcome] for arm in arms))


def _lost(arm: ArmResult) -> Counter[str]:
    found: Counter[str] = Counter()
    for loss in arm.losses:
        found[loss.category] += loss.problems
    return found


def _rate(rate: Rate) -> str:
    if not rate.total:
        return NONE
    return with_interval(rate)


def _costs(cost: Cost) -> Row:
    return _counts(cost.prompt_tokens, cost.completion_tokens, cost.calls, cost.completions)


def _counts(*numbers: int) -> Row:
    return tuple(f"{number:,}" for number in numbers)


def _list(lines: Iterable[str]) -> Iterator[str]:
    if text := "\n".join(f"- {line}" for line in lines):
        yield text

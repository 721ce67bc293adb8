"""The repair ledger: counts of the edits of a run that fixed and broke programs, and costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agent.answers.programs import canonical
from agent.types import Candidate, Record, Trace
from experiments.studies.draws import Draws, chance, is_known, verdicts_of


class Ledger(Record):
    """Sums over the scored problems. An edit is a candidate that the model made from another; a
    patch is none."""

    edits: int
    fixed: int
    """Edits that pass the hidden tests while their parent fails them."""
    broken: int
    """Edits that fail the hidden tests while their parent passes them."""
    tests_broken: int
    """Edits that fail a visible test that their parent passed."""
    identical: int
    """Edits whose program equals that of an earlier candidate, except for layout and comments."""
    fresh: int
    """Candidates of a repair round without a parent: draws, not edits."""
    problems_fixed: int
    """Problems for which no candidate of round 0 passes the hidden tests, but a later one does."""
    tokens: int
    """Prompt and completion tokens of all calls after round 0."""
    tokens_per_fixed: float | None
    """Tokens divided by problems fixed; None if either number is 0."""
    redrawn: float | None
    """Expected number of the fixed problems that fresh draws at the same cost would solve.

    The cost is that of the repair rounds up to the one with the first right candidate. It buys the
    prompt of one request, and then draws of mean length, which are taken from the draws after those
    that the run itself made. None if no draws are given, or if the tokens of a repair are unknown.
    """
    exhausted: int
    """Fixed problems whose cost buys more draws than there are: `redrawn` is a lower bound."""


class _Edit(NamedTuple):
    was: bool
    now: bool
    breaks_test: bool
    identical: bool


class _Redraw(NamedTuple):
    chance: float
    exhausted: bool


def ledger(traces: Sequence[Trace], draws: Mapping[str, Draws] | None) -> Ledger:
    """Return the ledger of a run's scored and judged traces. `draws` are by task id."""
    scored = [trace for trace in traces if is_known(trace)]
    edits = [edit for trace in scored for edit in _edits(trace)]
    fixes = [(trace, fix) for trace in scored if (fix := _fix(trace)) is not None]
    known = draws is not None and all(
        trace.problem.task_id in draws and _tokens(trace, fix.round) for trace, fix in fixes
    )
    redraws = None
    if draws is not None and known:
        redraws = [_redraw(trace, fix, draws) for trace, fix in fixes]
    tokens = sum(_tokens(trace) for trace in scored)
    return Ledger(
        edits=len(edits),
        fixed=sum(edit.now and not edit.was for edit in edits),
        broken=sum(edit.was and not edit.now for edit in edits),
        tests_broken=sum(edit.breaks_test for edit in edits),
        identical=sum(edit.identical for edit in edits),
        fresh=sum(
            candidate.round > 0 and candidate.parent is None
            for trace in scored
            for candidate in trace.candidates
        ),
        problems_fixed=len(fixes),
        tokens=tokens,
        tokens_per_fixed=tokens / len(fixes) if fixes and tokens else None,
        redrawn=None if redraws is None else sum(redraw.chance for redraw in redraws),
        exhausted=sum(redraw.exhausted for redraw in redraws or ()),
    )


def rows(found: Ledger) -> tuple[tuple[str, str], ...]:
    """Return the ledger as labels and values. Drawing again has a row if `redrawn` is known."""
    per_fixed = "-" if found.tokens_per_fixed is None else f"{found.tokens_per_fixed:,.0f}"
    return (
        ("edits", f"{found.edits:,}"),
        ("edits that fix, that break", f"{found.fixed:,} fix, {found.broken:,} break"),
        ("edits that break a visible test", f"{found.tests_broken:,}"),
        ("edits that repeat a program", f"{found.identical:,}"),
        ("fresh draws", f"{found.fresh:,}"),
        ("problems fixed", f"{found.problems_fixed:,}"),
        ("repair tokens", f"{found.tokens:,}"),
        ("repair tokens per problem fixed", per_fixed),
        *_redrawn_row(found),
    )


def _redrawn_row(found: Ledger) -> Iterator[tuple[str, str]]:
    if found.redrawn is not None:
        bound = f", a lower bound: {found.exhausted} ran out of draws" if found.exhausted else ""
        value = f"{found.redrawn:.1f} of {found.problems_fixed:,} expected{bound}"
        yield "solved by drawing again at that cost", value


def _edits(trace: Trace) -> Iterator[_Edit]:
    passed, seen = verdicts_of(trace), set[str]()
    visible = {row.candidate: [outcome.passed for outcome in row.outcomes] for row in trace.rows}
    for candidate in trace.candidates:
        form = canonical(candidate.source)
        if candidate.parent is not None and candidate.patch is None:
            # A candidate without a row has no known outcomes on the visible tests.
            before, after = visible.get(candidate.parent, []), visible.get(candidate.id, [])
            yield _Edit(
                was=passed[candidate.parent],
                now=passed[candidate.id],
                breaks_test=any(a and not b for a, b in zip(before, after, strict=False)),
                identical=form in seen,
            )
        seen.add(form)


def _fix(trace: Trace) -> Candidate | None:
    """Return the first right program of the model; None if there is none or one is of round 0."""
    pairs = zip(trace.candidates, verdicts_of(trace), strict=True)
    right = [c for c, passed in pairs if passed and c.patch is None]
    return right[0] if right and all(candidate.round > 0 for candidate in right) else None


def _redraw(trace: Trace, fix: Candidate, draws: Mapping[str, Draws]) -> _Redraw:
    task = trace.problem.task_id
    tokens = _tokens(trace, fix.round)
    # The run's own fresh draws were the stored draws that follow its drafts.
    used = sum(c.parent is None for c in trace.candidates)
    unseen = draws[task].verdicts[used:]
    affordable = draws[task].affordable(tokens)
    return _Redraw(chance(unseen, affordable), affordable > len(unseen))


def _tokens(trace: Trace, last: float = math.inf) -> int:
    """Return the tokens of the calls of repair rounds 1 to `last`."""
    return sum(call.usage.total for call in trace.calls if 0 < call.round <= last)

"""The repair ledger: what the edits of a run fixed and broke, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agent.answers.programs import canonical
from agent.types import Candidate, Record, Trace
from experiments.study.draws import Draws, chance, verdicts_of


class Ledger(Record):
    """Sums over the scored problems. An edit is a candidate that was made from another one."""

    edits: int
    fixed: int
    """Edits that pass the hidden tests, where their parent fails them ..."""
    broken: int
    """... and the reverse."""
    tests_broken: int
    """Edits that fail a visible test which their parent passed."""
    identical: int
    """Edits whose program, layout and comments aside, is that of an earlier candidate."""
    fresh: int
    """Candidates of a repair round without a parent: draws, not edits."""
    problems_fixed: int
    """Problems of which no candidate of round 0 passes the hidden tests, and a later one does."""
    tokens: int
    """Prompt and completion tokens of all calls after round 0."""
    tokens_per_fixed: float | None
    """Tokens over problems fixed; None where none was, or where no tokens were recorded."""
    redrawn: float | None
    """Of the problems fixed, how many fresh draws at the same cost would solve, in expectation.

    The cost is that of the rounds up to that of the first right candidate, and buys one request's
    prompt and then draws of mean length; they are taken from the draws beyond those that the run
    itself has made. None where no draws are given, or where the tokens of a repair are not known.
    """
    exhausted: int
    """Problems fixed whose cost buys more draws than there are, so that `redrawn` says too few."""


class _Edit(NamedTuple):
    was: bool
    now: bool
    breaks_test: bool
    identical: bool


class _Redraw(NamedTuple):
    chance: float
    exhausted: bool


def ledger(traces: Sequence[Trace], draws: Mapping[str, Draws] | None) -> Ledger:
    """The ledger of a run; traces without a score are left out. `draws` are by task id."""
    scored = [trace for trace in traces if trace.score is not None]
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
    """The ledger in words: label and value. Drawing again is left out where there are no draws."""
    per_fixed = "-" if found.tokens_per_fixed is None else f"{found.tokens_per_fixed:,.0f}"
    return (
        ("edits", f"{found.edits:,}"),
        ("edits that fix, that break", f"{found.fixed:,} fix, {found.broken:,} break"),
        ("edits that break a visible test", f"{found.tests_broken:,}"),
        ("edits that repeat a program", f"{found.identical:,}"),
        ("fresh draws", f"{found.fresh:,}"),
        ("problems fixed", f"{found.problems_fixed:,}"),
        ("repair tokens", f"{found.tokens:,}"),
        ("repair tokens a problem fixed", per_fixed),
        *_redrawn_row(found),
    )


def _redrawn_row(found: Ledger) -> Iterator[tuple[str, str]]:
    if found.redrawn is not None:
        bound = f", or more: {found.exhausted} ran out of draws" if found.exhausted else ""
        value = f"{found.redrawn:.1f} of {found.problems_fixed:,} expected{bound}"
        yield "solved by drawing again at that cost", value


def _edits(trace: Trace) -> Iterator[_Edit]:
    passed, seen = verdicts_of(trace), set[str]()
    visible = {row.candidate: [outcome.passed for outcome in row.outcomes] for row in trace.rows}
    for candidate in trace.candidates:
        form = canonical(candidate.source)
        if candidate.parent is not None:
            # Without a row nothing is known of the visible tests.
            before, after = visible.get(candidate.parent, []), visible.get(candidate.id, [])
            yield _Edit(
                was=passed[candidate.parent],
                now=passed[candidate.id],
                breaks_test=any(a and not b for a, b in zip(before, after, strict=False)),
                identical=form in seen,
            )
        seen.add(form)


def _fix(trace: Trace) -> Candidate | None:
    """The first right candidate, where round 0 had none."""
    right = [c for c, passed in zip(trace.candidates, verdicts_of(trace), strict=True) if passed]
    return right[0] if right and all(candidate.round > 0 for candidate in right) else None


def _redraw(trace: Trace, fix: Candidate, draws: Mapping[str, Draws]) -> _Redraw:
    task = trace.problem.task_id
    tokens = _tokens(trace, fix.round)
    # Fresh draws go on with the same answers where the drafts ended.
    used = sum(c.parent is None for c in trace.candidates)
    unseen = draws[task].verdicts[used:]
    affordable = draws[task].affordable(tokens)
    return _Redraw(chance(unseen, affordable), affordable > len(unseen))


def _tokens(trace: Trace, last: float = math.inf) -> int:
    """Tokens of the calls of repair rounds 1 to `last`."""
    return sum(call.usage.total for call in trace.calls if 0 < call.round <= last)

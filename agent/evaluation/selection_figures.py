"""The figures of a selector on recorded samples, from its scored choices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from agent.evaluation.selectors import RankedProblem, Selection
from agent.evaluation.stats import ranked_pass_at_k
from agent.types import Record, Unjudged


class _Ranked(NamedTuple):
    groups: tuple[tuple[int, ...], ...]
    """The candidates, best group first."""
    verdicts: tuple[bool, ...]


class FirstAnswerRate(Record):
    """The rate of right first answers."""

    expected: float
    """Mean over the candidates that are tied for the first place."""
    returned: float
    """Rate of the candidate that is returned."""


class ViewRates(Record):
    """The main rates by a part of the hidden tests."""

    expected: float
    random: float
    oracle: float

    @property
    def closed(self) -> float:
        """Share of the gap between random and oracle that the expected rate closes."""
        gap = self.oracle - self.random
        return (self.expected - self.random) / gap if gap > 0 else 0.0


class SelectionScores(Record):
    """The scores of a selector on a set of samples. All rates are means over judged problems."""

    selector: str
    problems: int
    """Number of judged problems."""
    samples: int
    pass_1: Annotated[FirstAnswerRate, Field(serialization_alias="pass@1")]
    pass_2: Annotated[float | None, Field(serialization_alias="pass@2")] = None
    pass_10: Annotated[float | None, Field(serialization_alias="pass@10")] = None
    random: float
    """Expected pass@1 of a random choice."""
    oracle: float
    """Coverage: share of the problems with at least one right sample."""
    closed: float
    """Share of the gap between random and oracle that the expected pass@1 closes."""
    views: dict[str, ViewRates] = Field(default_factory=dict)
    """Rates by parts of the hidden tests: `base` without the tests that EvalPlus added, `unseen`
    without those that the prompt shows."""
    told: int
    """Problems for which the selector preferred some candidates to others. Without a generated
    test, for example, a consensus selector does not."""
    programs: int
    """Distinct programs that were run."""
    examples: int
    """Docstring examples that the programs were run on."""
    generated: int
    """Distinct generated tests that the programs were run on."""
    runs: int
    """Runs of one of these programs on one of these tests."""
    seconds: float
    scoring_seconds: float
    dataset_problems: int = 0
    """Number of problems of the dataset, with samples or without."""
    isolation: dict[str, int] = Field(default_factory=dict)
    """Number of problems by the isolation in which their samples were judged."""
    unchecked: int = 0
    """Number of problems without a reference solution."""
    unjudged: tuple[Unjudged, ...] = ()
    """Problems with failing samples whose reference solution fails, too ..."""
    unjudged_count_as_failed: bool = False
    """... and whether they are in the figures nevertheless."""


def summarise(found: Selection) -> SelectionScores:
    """Return the figures of scored choices. Without a judged problem, all rates are 0."""
    judged = [chosen for chosen in found.choices if chosen.is_judged]
    ranked = [_Ranked(chosen.ranking.groups, chosen.verdicts) for chosen in judged]
    least = min((len(verdicts) for _, verdicts in ranked), default=0)
    main, views = _rates(ranked), dict.fromkeys(name for one in judged for name in one.views)
    pools = [chosen.pool for chosen in judged]
    programs = [len(set(chosen.recorded.programs)) for chosen in judged]
    tests = [len(pool.tests) for pool in pools]
    return SelectionScores(
        selector=found.selector,
        problems=len(ranked),
        samples=sum(len(verdicts) for _, verdicts in ranked),
        pass_1=FirstAnswerRate(
            expected=main.expected,
            returned=_mean(verdicts[groups[0][0]] for groups, verdicts in ranked),
        ),
        pass_2=_pass_at(2, ranked) if least >= 2 else None,
        pass_10=_pass_at(10, ranked) if least >= 10 else None,
        random=main.random,
        oracle=main.oracle,
        closed=main.closed,
        views={
            name: _rates(
                [_Ranked(one.ranking.groups, one.views.get(name, one.verdicts)) for one in judged]
            )
            for name in views
        },
        told=sum(len(groups) > 1 for groups, _ in ranked),
        programs=sum(programs),
        examples=sum(pool.bits("docstring").bit_count() for pool in pools),
        generated=sum(pool.bits("generated").bit_count() for pool in pools),
        runs=sum(a * b for a, b in zip(programs, tests, strict=True)),
        seconds=round(found.seconds, 3),
        scoring_seconds=round(found.scoring_seconds, 3),
        dataset_problems=found.dataset_problems,
        **_self_checks(found.choices),
    )


def _rates(ranked: Sequence[_Ranked]) -> ViewRates:
    return ViewRates(
        expected=_pass_at(1, ranked),
        random=_mean(fmean(verdicts) for _, verdicts in ranked),
        oracle=_mean(any(verdicts) for _, verdicts in ranked),
    )


def _pass_at(k: int, ranked: Sequence[_Ranked]) -> float:
    return _mean(ranked_pass_at_k(*pair, k) for pair in ranked)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return fmean(known) if known else 0.0


def _self_checks(choices: Sequence[RankedProblem]) -> dict[str, Any]:
    """Return the figures on the self-checks."""
    failing = [one for one in choices if one.check.failure and not all(one.verdicts)]
    return {
        "isolation": dict(sorted(Counter(one.check.isolation for one in choices).items())),
        "unchecked": sum(not one.check.has_reference for one in choices),
        "unjudged": tuple(
            Unjudged(task_id=one.sample.task_id, reason=one.check.failure) for one in failing
        ),
        "unjudged_count_as_failed": any(one.check.counted for one in choices),
    }

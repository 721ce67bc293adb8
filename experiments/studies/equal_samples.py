"""Ways of drafting at equal tokens: thinking or not, another prompt, a quantised server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from agent.types import Trace
from experiments.studies.against_draws import Pairs
from experiments.studies.draws import Draws, chance, draws_of
from experiments.studies.intervals import intervals
from experiments.studies.results import EqualSamples


def equal_samples(kinds: Mapping[str, Sequence[Trace]]) -> tuple[EqualSamples, ...]:
    """Return what each way of drafting covers for the tokens of one sample of the dearest.

    `kinds` are traces of the runs that only draw, by the run's folder; the first is the baseline.
    All have the same problems. The budget is the same for every problem. A way without sampled
    drafts is left out, and so are all if tokens are not known, or if fewer than two are left.
    """
    sampled = {name: [_sampled(draws_of(trace)) for trace in kind] for name, kind in kinds.items()}
    sampled = {name: kind for name, kind in sampled.items() if all(d.verdicts for d in kind)}
    dear = {name: fmean(map(_price, kind)) for name, kind in sampled.items()}
    if len(dear) < 2 or not all(
        draws.mean_completion for kind in sampled.values() for draws in kind
    ):
        return ()
    budget = max(dear.values())
    covered = {
        name: tuple(chance(draws.verdicts, draws.affordable(budget)) for draws in kind)
        for name, kind in sampled.items()
    }
    first, *others = covered
    differences = intervals([Pairs(covered[first], covered[name]) for name in others])
    return tuple(
        EqualSamples(
            drafts=name,
            tokens=dear[name],
            budget=budget,
            samples=fmean(min(len(d.verdicts), d.affordable(budget)) for d in sampled[name]),
            short=sum(d.affordable(budget) > len(d.verdicts) for d in sampled[name]),
            coverage=fmean(covered[name]),
            versus=difference,
        )
        for name, difference in zip(covered, [None, *differences], strict=True)
    )


def _sampled(draws: Draws) -> Draws:
    """Return draws without a greedy one."""
    first = draws.greedy
    return draws.model_copy(
        update={
            "verdicts": draws.verdicts[first:],
            "completion_tokens": draws.completion_tokens[first:],
            "greedy": 0,
        }
    )


def _price(draws: Draws) -> float:
    """Return the tokens of one sample, its prompt included."""
    return draws.prompt_tokens + draws.mean_completion

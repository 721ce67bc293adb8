"""What a selector is: a module with a `rank` function. What it sees: a pool.

A module whose `rank` asks the model says `ASKS_MODEL = True`; one that no run may use says why in
`REFUSED`. Both are looked at before anything is run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol, TypeVar

from agent.answers.programs import canonical
from agent.selection.probing import Prober
from agent.types import Candidate, Problem, VisibleTest
from sandbox.types import Outcome

Score = TypeVar("Score", float, tuple[float, float])


@dataclass(frozen=True)
class Pool:
    """One problem's candidates, and what is known of them. Nothing hidden is."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    """Oldest first; a candidate's id is its place."""
    tests: tuple[VisibleTest, ...]
    passed: tuple[int, ...]
    """For each candidate, bit i says whether it passes test i."""
    inputs: tuple[str, ...]
    """Calls of the entry point without values, for comparing candidates."""
    prober: Prober
    share: float = 0.5
    """Share of the trusted candidates from which on their common value counts as right."""
    seed: int = 0
    depth: int = 1
    """Groups of the ranking that matter: those behind them need not be told apart."""

    def bits(self, origin: str) -> int:
        """The tests of one origin."""
        return sum(1 << i for i, test in enumerate(self.tests) if test.origin == origin)

    def generated(self, member: int) -> int:
        """The generated tests that a candidate passes."""
        return self.passed[member] & self.bits("generated")

    def likelihood(self, member: int) -> float:
        """A candidate's mean log-probability; minus infinity where it is not known."""
        value = self.candidates[member].mean_logprob
        return -inf if value is None else value

    def weight(self, bits: int) -> int:
        """Tests among these, each counted as often as it was written."""
        return sum(test.count for i, test in enumerate(self.tests) if bits >> i & 1)

    def is_one_program(self, members: Sequence[int]) -> bool:
        """Whether members differ in nothing but layout and comments."""
        sources = {self.candidates[member].source for member in members}
        return len(sources) == 1 or len(set(map(canonical, sources))) == 1

    def best_on_examples(self, members: Iterable[int]) -> tuple[int, ...]:
        """Those that pass the most docstring examples."""
        examples = self.bits("docstring")
        counts = {member: (self.passed[member] & examples).bit_count() for member in members}
        most = max(counts.values())
        return tuple(member for member, count in counts.items() if count == most)

    async def values(
        self, members: Sequence[int], calls: Sequence[str]
    ) -> dict[int, tuple[str | None, ...]]:
        """For each member what each call gives: one text for equal data, None for none."""
        found = await self.outcomes(members, calls)
        return {
            member: tuple((outcome.passed and outcome.value) or None for outcome in outcomes)
            for member, outcomes in found.items()
        }

    async def outcomes(
        self, members: Sequence[int], calls: Sequence[str]
    ) -> dict[int, tuple[Outcome, ...]]:
        """For each member what comes of each call."""
        sources = {member: self.candidates[member].source for member in members}
        found = await self.prober.outcomes(sources.values(), calls)
        return {member: found[source] for member, source in sources.items()}


@dataclass(frozen=True)
class Ranking:
    """Candidates in groups, best first. A group's members are tied; its first is returned."""

    groups: tuple[tuple[int, ...], ...]
    reason: str = ""
    """What speaks for the first group, in one line; nothing where there was nothing to tell."""


class Selector(Protocol):
    """Ranks candidates by what was seen of them, and by nothing else."""

    async def rank(self, pool: Pool, members: tuple[int, ...]) -> Ranking:
        """Rank some of a pool's candidates, each given once, in the order of the stage before.

        Raises SelectorError where the pool lacks what the selector needs.
        """
        ...


def by_score(
    scores: Mapping[int, Score], reason: Callable[[Score, tuple[int, ...]], str]
) -> Ranking:
    """The highest score first; equal scores are a tie, in the order of the mapping."""
    groups: dict[Score, list[int]] = {}
    for member, score in scores.items():
        groups.setdefault(score, []).append(member)
    ranked = sorted(groups.items(), reverse=True)
    best, first = ranked[0]
    return Ranking(
        groups=tuple(tuple(group) for _, group in ranked), reason=reason(best, tuple(first))
    )


def best_of(tied: int, total: int, what: str) -> str:
    """How the first group's sets stand among all of them, for a reason."""
    return f"best of {total} {what}" if tied == 1 else f"one of {tied} best of {total} {what}"


def passed_bits(outcomes: Sequence[Outcome]) -> int:
    """Return a row of the matrix as bits: bit i says whether test i was passed."""
    return sum(1 << i for i, outcome in enumerate(outcomes) if outcome.passed)


def consensus_sets(pool: Pool) -> Counter[int]:
    """Programs in each of CodeT's consensus sets; a set is named by its tests, as bits.

    Sets are of the whole pool, as in CodeT and B4, also where a chain ranks some of it: who fails
    an example still speaks for the tests that it passes.
    """
    return Counter(pool.generated(member) for member in range(len(pool.candidates)))

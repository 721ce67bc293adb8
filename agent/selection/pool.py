"""The interface of a selector: a module with a function `rank`, which ranks members of a pool.

A module whose `rank` asks the model sets `ASKS_MODEL = True`. One that no run may use states the
reason in `REFUSED`. Both are checked before anything runs.
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
    """The candidates of one problem with their visible results; no hidden test or verdict."""

    problem: Problem
    candidates: tuple[Candidate, ...]
    """Oldest first; a candidate's id is its position."""
    tests: tuple[VisibleTest, ...]
    passed: tuple[int, ...]
    """One integer per candidate: bit i is set if the candidate passes test i."""
    inputs: Sequence[str]
    """Calls of the entry point without expected values, for comparing candidates. They are made
    when a selector first reads them."""
    prober: Prober
    edges: Sequence[str] = ()
    """Further calls of the entry point, with edge cases, made like `inputs`."""
    share: float = 0.5
    """The value of more than this share of the trusted candidates counts as right."""
    seed: int = 0
    depth: int = 1
    """Number of groups that matter: a chain does not refine the groups after these."""

    def bits(self, origin: str) -> int:
        """Return the tests of one origin, as bits."""
        return sum(1 << i for i, test in enumerate(self.tests) if test.origin == origin)

    def generated(self, member: int) -> int:
        """Return the generated tests that a candidate passes, as bits."""
        return self.passed[member] & self.bits("generated")

    def likelihood(self, member: int) -> float:
        """Return a candidate's mean log-probability; minus infinity if it is unknown."""
        value = self.candidates[member].mean_logprob
        return -inf if value is None else value

    def weight(self, bits: int) -> int:
        """Return the number of tests in `bits`, each counted as often as it was written."""
        return sum(test.count for i, test in enumerate(self.tests) if bits >> i & 1)

    def voter(self, member: int) -> tuple[str, int]:
        """Return the one whose vote a candidate is: all patches of a program have one vote."""
        candidate = self.candidates[member]
        if candidate.patch is None or candidate.parent is None:
            return "candidate", member
        return "patches of", candidate.parent

    def is_one_program(self, members: Sequence[int]) -> bool:
        """Whether members differ only in layout and comments."""
        sources = {self.candidates[member].source for member in members}
        return len(sources) == 1 or len(set(map(canonical, sources))) == 1

    def best_on_examples(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return the members that pass the most docstring examples."""
        examples = self.bits("docstring")
        counts = {member: (self.passed[member] & examples).bit_count() for member in members}
        most = max(counts.values())
        return tuple(member for member, count in counts.items() if count == most)

    async def values(
        self, members: Sequence[int], calls: Sequence[str]
    ) -> dict[int, tuple[str | None, ...]]:
        """Return each member's value of each call: equal texts for equal data, None if none."""
        found = await self.outcomes(members, calls)
        return {
            member: tuple((outcome.passed and outcome.value) or None for outcome in outcomes)
            for member, outcomes in found.items()
        }

    async def outcomes(
        self, members: Sequence[int], calls: Sequence[str]
    ) -> dict[int, tuple[Outcome, ...]]:
        """Return each member's outcome of each call."""
        sources = {member: self.candidates[member].source for member in members}
        found = await self.prober.outcomes(sources.values(), calls)
        return {member: found[source] for member, source in sources.items()}


@dataclass(frozen=True)
class Ranking:
    """Candidates in groups, best group first; members of a group are tied, the first one wins."""

    groups: tuple[tuple[int, ...], ...]
    reason: str = ""
    """Reason for the first group, in one line; empty if the selector could not compare."""


class Selector(Protocol):
    """Ranks candidates by visible results only."""

    async def rank(self, pool: Pool, members: tuple[int, ...]) -> Ranking:
        """Rank some candidates of a pool: `members`, distinct, in the order of the previous stage.

        Raises SelectorError if the pool lacks what the selector needs.
        """
        ...


def by_score(
    scores: Mapping[int, Score], reason: Callable[[Score, tuple[int, ...]], str]
) -> Ranking:
    """Rank by score, highest first; equal scores are a tie, in the order of the mapping."""
    groups: dict[Score, list[int]] = {}
    for member, score in scores.items():
        groups.setdefault(score, []).append(member)
    ranked = sorted(groups.items(), reverse=True)
    best, first = ranked[0]
    return Ranking(
        groups=tuple(tuple(group) for _, group in ranked), reason=reason(best, tuple(first))
    )


def best_of(tied: int, total: int, what: str) -> str:
    """Return the rank of the first group among all, as a phrase for a reason."""
    return f"best of {total} {what}" if tied == 1 else f"one of {tied} best of {total} {what}"


def passed_bits(outcomes: Sequence[Outcome]) -> int:
    """Return a row of the matrix as bits: bit i is set if test i passed."""
    return sum(1 << i for i, outcome in enumerate(outcomes) if outcome.passed)


def consensus_sets(pool: Pool) -> Counter[int]:
    """Count the programs of each of CodeT's consensus sets, keyed by the set's tests, as bits.

    The sets include the whole pool, as in CodeT and B4, even if a chain ranks only some members:
    a candidate that fails an example is still evidence for the tests that it passes.
    """
    votes = {(pool.generated(i), pool.voter(i)) for i in range(len(pool.candidates))}
    return Counter(tests for tests, _ in votes)

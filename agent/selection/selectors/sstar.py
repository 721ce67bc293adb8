"""S*: a tournament of clusters, each match decided by the model on inputs that it wrote itself.

Li et al., S*: Test Time Scaling for Code Generation (2025), section 3.2: candidates that pass the
most docstring examples, in clusters of equal outputs. For each pair of clusters the model sees one
program of each and writes inputs on which they may differ; both are run; and the model, shown what
they gave, says which is right. It is asked twice, with the order swapped: only if it says the same
program both times is the match won, else it is drawn. The cluster with the most points wins, the
larger one in a tie.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from agent.parsing.fences import without_thinking
from agent.prompts import render
from agent.selection.pool import Pool, Ranking, by_score
from agent.types import Record
from agent.visible_tests.inputs.calls import calls_of_tests
from agent.visible_tests.inputs.model_calls import parse_inputs
from sandbox.types import Outcome

LARGEST = 4
"""Clusters that play: each pair of them costs three requests."""
INPUTS = 5
"""Inputs that the model is asked for."""
ASKS_MODEL = True
_LINE = re.compile(
    r"(?:the )?(?:answer|verdict)?(?: is)?[\s:*`]*(?:program )?[\s*`(]*([ab])[\s*`).]*",
    re.IGNORECASE,
)
_LONGEST = 80
"""Characters of a line that may be a verdict and nothing else."""
_NAMED = re.compile(r"\b(?i:answer(?: is)?|choose|pick|so|boxed)\b[\s:*`({]*(?i:program )?([AB])\b")


class DistinguishingInput(Record):
    """An input on which two programs part."""

    call: str
    left: str
    right: str


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """By points, then by the size of a candidate's cluster. What fails more examples comes last."""
    best = pool.best_on_examples(members)
    clusters = await _clusters(pool, best)
    points = [0.0] * len(clusters)
    for left, right in combinations(range(min(LARGEST, len(clusters))), 2):
        share = await _match(pool, clusters[left][0], clusters[right][0])
        points[left] += share
        points[right] += 1 - share
    scores = {
        member: (points[i], float(len(cluster)))
        for i, cluster in enumerate(clusters)
        for member in cluster
    }
    others = {member: (-1.0, 0.0) for member in members if member not in scores}
    return by_score(
        dict(sorted({**scores, **others}.items())),
        lambda score, group: (
            f"S* gives a cluster of {score[1]:.0f} {score[0]:g} points in matches among "
            f"{min(LARGEST, len(clusters))} of {len(clusters)}"
        ),
    )


async def _clusters(pool: Pool, members: Sequence[int]) -> list[list[int]]:
    """Members with the same outputs on all inputs that are at hand, the largest cluster first."""
    own = calls_of_tests(pool.tests, pool.problem.entry_point)
    given = await pool.values(members, tuple(dict.fromkeys((*own, *pool.inputs))))
    found: dict[tuple[str | None, ...], list[int]] = {}
    for member in members:
        found.setdefault(given[member], []).append(member)
    return sorted(found.values(), key=lambda cluster: (-len(cluster), cluster[0]))


async def _match(pool: Pool, left: int, right: int) -> float:
    """1 where the left one wins, 0 where the right one does, a half where neither."""
    differences = await _differences(pool, left, right)
    if not differences:
        return 0.5
    said = await _verdict(pool, left, right, differences)
    swapped = [DistinguishingInput(call=d.call, left=d.right, right=d.left) for d in differences]
    again = await _verdict(pool, right, left, swapped)
    return {("A", "B"): 1.0, ("B", "A"): 0.0}.get((said, again), 0.5)


async def _differences(pool: Pool, left: int, right: int) -> list[DistinguishingInput]:
    programs = _sources(pool, left, right)
    answer = await pool.prober.ask(
        render("select/inputs.j2", problem=pool.problem, count=INPUTS, **programs)
    )
    calls = parse_inputs(answer, pool.problem.entry_point, INPUTS)
    given = await pool.outcomes((left, right), calls)
    pairs = zip(calls, given[left], given[right], strict=True)
    return [
        DistinguishingInput(call=call, left=_told(one), right=_told(other))
        for call, one, other in pairs
        if (one.passed, one.value) != (other.passed, other.value)
    ]


async def _verdict(
    pool: Pool, left: int, right: int, differences: list[DistinguishingInput]
) -> str:
    """`A`, `B`, or nothing where the model says neither."""
    programs = _sources(pool, left, right)
    answer = await pool.prober.ask(
        render("select/judge.j2", problem=pool.problem, differences=differences, **programs)
    )
    return letter_of(answer)


def letter_of(answer: str) -> str:
    """What a judge's answer says: its first or last line alone, or the one letter that it gives.

    Where two of these speak against each other it says nothing; nor does a sentence that begins
    with the article.
    """
    lines = [line.strip() for line in without_thinking(answer).splitlines() if line.strip()]
    whole = [_LINE.fullmatch(line[:_LONGEST]) for line in (*lines[:1], *lines[-1:])]
    letters = {said[1].upper() for said in whole if said}
    letters = letters or {said[1] for line in lines for said in _NAMED.finditer(line)}
    return letters.pop() if len(letters) == 1 else ""


def _sources(pool: Pool, left: int, right: int) -> dict[str, str]:
    return {"left": pool.candidates[left].source, "right": pool.candidates[right].source}


def _told(outcome: Outcome) -> str:
    return outcome.actual if outcome.passed else "no value: it fails"

"""S*: a tournament of clusters; the model decides each match on inputs that it wrote itself.

Li et al., S*: Test Time Scaling for Code Generation (2025), section 3.2: the candidates that pass
the most docstring examples form clusters of equal outputs. For each pair of clusters the model sees
one program of each and writes inputs on which they may differ. Both programs run on these inputs,
and the model, shown the outputs, says which program is right. It is asked twice, with the order
swapped: a program wins the match only if the model names it both times, else the match is a draw.
The cluster with the most points wins; in a tie, the larger cluster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from agent.parsing.marks import without_thinking
from agent.prompts import render
from agent.selection.pool import Pool, Ranking, by_score
from agent.types import Record
from agent.visible_tests.inputs.calls import calls_of_tests
from agent.visible_tests.inputs.model_calls import parse_inputs
from sandbox.types import Outcome

LARGEST = 4
"""Maximum number of clusters in the tournament; each pair of them costs three requests."""
INPUTS = 5
"""Number of inputs that the model is asked for."""
ASKS_MODEL = True
_LINE = re.compile(
    r"(?:the )?(?:answer|verdict)?(?: is)?[\s:*`]*(?:program )?[\s*`(]*([ab])[\s*`).]*",
    re.IGNORECASE,
)
_MAX_LINE = 80
"""Maximum length of a line that consists of a verdict, in characters."""
_NAMED = re.compile(r"\b(?i:answer(?: is)?|choose|pick|so|boxed)\b[\s:*`({]*(?i:program )?([AB])\b")


class DistinguishingInput(Record):
    """An input on which two programs differ, with the value that each gives."""

    call: str
    left: str
    right: str


async def rank(pool: Pool, members: tuple[int, ...]) -> Ranking:
    """Rank by points, then cluster size. Candidates that fail more examples come last."""
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
    """Cluster the members by their outputs on all known inputs, the largest cluster first."""
    own = calls_of_tests(pool.tests, pool.problem.entry_point)
    given = await pool.values(members, tuple(dict.fromkeys((*own, *pool.inputs))))
    found: dict[tuple[str | None, ...], list[int]] = {}
    for member in members:
        found.setdefault(given[member], []).append(member)
    return sorted(found.values(), key=lambda cluster: (-len(cluster), cluster[0]))


async def _match(pool: Pool, left: int, right: int) -> float:
    """Return the left program's share of the point: 1 for a win, 0.5 for a draw, 0 for a loss."""
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
    """Return `A` or `B`, the program that the model names; empty if it names neither."""
    programs = _sources(pool, left, right)
    answer = await pool.prober.ask(
        render("select/judge.j2", problem=pool.problem, differences=differences, **programs)
    )
    return letter_of(answer)


def letter_of(answer: str) -> str:
    """Return the verdict of a judge's answer: `A`, `B`, or empty if there is no clear one.

    The verdict is the first or the last line, if that line is only a letter; otherwise the letter
    that phrases such as "answer is A" name. Contradicting letters give no verdict, and neither does
    a sentence that begins with the article "A".
    """
    lines = [line.strip() for line in without_thinking(answer).splitlines() if line.strip()]
    whole = [_LINE.fullmatch(line[:_MAX_LINE]) for line in (*lines[:1], *lines[-1:])]
    letters = {said[1].upper() for said in whole if said}
    letters = letters or {said[1] for line in lines for said in _NAMED.finditer(line)}
    return letters.pop() if len(letters) == 1 else ""


def _sources(pool: Pool, left: int, right: int) -> dict[str, str]:
    return {"left": pool.candidates[left].source, "right": pool.candidates[right].source}


def _told(outcome: Outcome) -> str:
    return outcome.actual if outcome.passed else "no value: it fails"

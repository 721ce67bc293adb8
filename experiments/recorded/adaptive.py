"""The cost and pass@1 of drawing until a candidate passes the docstring examples.

DATA is the folder of recorded sets. Draws are taken from the recorded samples in every order, and
end with the first sample that passes every docstring example of its problem. The figures are means
over all orders.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from agent.evaluation.selectors import read_recorded
from agent.selection import Pool
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.recorded.parity import SETS
from experiments.recorded.selection import Backend, config_of, judged

NAME = "experiments.recorded.adaptive"


def over_orders(pool: Pool, verdicts: Sequence[bool]) -> tuple[float, float]:
    """Return the expected draws of one problem, and the expected correctness of the answer.

    Of n samples, k pass every example. In a random order the first of these is at position
    (n + 1) / (k + 1) on average, and each of the k is equally likely to be it. If none passes, all
    n are drawn and one of the best is returned. Without examples the first draw is the answer.
    """
    n = len(pool.candidates)
    examples = pool.bits("docstring")
    best = pool.best_on_examples(range(n))
    correct = fmean(verdicts[member] for member in best)
    if not examples:
        return 1.0, correct
    if pool.passed[best[0]] & examples != examples:
        return float(n), correct
    return (n + 1) / (len(best) + 1), correct


async def compare(data: Path, backend: Backend, only: str) -> list[str]:
    """Return the table, one row for each set with more than one sample per problem."""
    rows = ["| samples | n | draws per problem | pass@1 | single draw |", "|---|---|---|---|---|"]
    for recorded_set in SETS:
        if only not in recorded_set.folder:
            continue
        config = config_of(data, recorded_set, backend).model_copy(update={"tests": None})
        recorded = read_recorded(config)
        n = len(recorded[0].samples)
        if n == 1:
            continue
        async with judged(config, recorded) as (pools, judgements):
            pairs = zip(pools, judgements, strict=True)
            known = [(pool, j.verdicts) for pool, j in pairs if j.check.judges(*j.verdicts)]
            found = [over_orders(*problem) for problem in known]
        rows.append(
            f"| {recorded_set.label} | {n} | {fmean(draws for draws, _ in found):.2f} "
            f"| {100 * fmean(right for _, right in found):.2f} "
            f"| {100 * fmean(fmean(verdicts) for _, verdicts in known):.2f} |"
        )
    return rows


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    arguments = parser.parse_args(argv)
    table = asyncio.run(compare(arguments.data, arguments.sandbox, arguments.only))
    print("\n".join(table))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

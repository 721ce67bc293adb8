"""Comparison of all selectors on all recorded sets, without a model.

DATA is the folder of sets that `experiments.recorded.parity` reads. Each set's programs are run
once on its docstring examples and recorded tests, each selector ranks the same matrix, and the
hidden tests judge every sample. The command prints the expected pass@1 of each selector, and
further figures with --long.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from agent.errors import DatasetError
from agent.evaluation.recorded_pools import RecordedProblem
from agent.evaluation.scoring import Scorer
from agent.evaluation.selection_figures import SelectionScores, summarise
from agent.evaluation.selectors import (
    PoolVerdicts,
    Selection,
    build_pools,
    judge_all,
    rank_pools,
    read_recorded,
    with_hindsight,
)
from agent.evaluation.settings import MatrixSandbox, SelectConfig
from agent.selection import Pool, load_selector
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.recorded.parity import SETS, RecordedSet
from experiments.studies.markers import write_block
from sandbox import open_sandbox

NAME = "experiments.recorded.selection"
SELECTORS = (
    *("random", "first", "codet", "codet_product", "b4", "mbr", "srank", "agreement", "length"),
    *("docstring", "docstring+codet", "docstring+codet_product", "docstring+b4", "docstring+mbr"),
    *("docstring+srank", "docstring+agreement", "tiered", "oracle"),
)
MAIN = ("random", "codet", "b4", "docstring", "docstring+codet", "docstring+b4", "tiered", "oracle")
EXAMPLES = "humaneval"
"""The dataset of the docstring examples for sets whose own prompts may lack them."""
Backend = Literal["auto", "docker", "local"]
MARKERS = "<!-- selection: begin -->", "<!-- selection: end -->"


def config_of(data: Path, recorded: RecordedSet, backend: Backend) -> SelectConfig:
    """Return the settings that a set's README asks for."""
    folder = data / recorded.folder
    tests = folder / "tests.jsonl.gz"
    return SelectConfig.model_validate(
        {
            "samples": folder / recorded.file,
            "tests": tests if tests.exists() else None,
            "dataset": str(folder / "problems.jsonl.gz") if recorded.own_problems else "humaneval",
            "examples": EXAMPLES if recorded.own_problems else None,
            "header": recorded.header,
            "sandbox": MatrixSandbox(backend=backend, slots=2),
        }
    )


@asynccontextmanager
async def judged(
    config: SelectConfig, recorded: Sequence[RecordedProblem]
) -> AsyncIterator[tuple[tuple[Pool, ...], list[PoolVerdicts]]]:
    """Yield the pools and hidden verdicts of a set. Its pools can run programs inside."""
    async with open_sandbox(config.sandbox.opening()) as sandbox:
        pools = await build_pools(config, recorded, sandbox, lambda done, total: None)
        yield (
            pools,
            await judge_all(recorded, Scorer(config.dataset), sandbox, config.sandbox),
        )


async def measure(config: SelectConfig, selectors: Sequence[str]) -> list[SelectionScores]:
    """Return the scores of each selector on one set."""
    found, recorded = [], read_recorded(config)
    async with judged(config, recorded) as (pools, verdicts):
        for name in selectors:
            selector = load_selector("random" if name == "oracle" else name)
            ranked = await rank_pools(selector, recorded, pools)
            pairs = zip(ranked, verdicts, strict=True)
            chosen = tuple(replace(one, **judged._asdict()) for one, judged in pairs)
            if name == "oracle":
                chosen = tuple(map(with_hindsight, chosen))
            found.append(summarise(Selection(name, chosen, 0.0)))
    return found


def wide(rows: Sequence[tuple[str, list[SelectionScores]]]) -> Iterator[str]:
    """Yield a table with a row per set and a column per selector: expected pass@1 in percent."""
    names = [scores.selector for scores in rows[0][1]]
    yield f"| samples | n | {' | '.join(names)} |"
    yield "|---" * (len(names) + 2) + "|"
    for label, found in rows:
        cells = (f"{100 * scores.pass_1.expected:.1f}" for scores in found)
        per_problem = found[0].samples / found[0].problems
        yield f"| {label} | {per_problem:.0f} | {' | '.join(cells)} |"


def long(rows: Sequence[tuple[str, list[SelectionScores]]]) -> Iterator[str]:
    """Yield a table of all figures, a row per selector and per set of `several`."""
    yield "| samples | selector | pass@1 expected | returned | pass@2 | pass@10 | gap closed |"
    yield "|---|---|---|---|---|---|---|"
    for label, found in several(rows):
        for scores in found:
            yield (
                f"| {label} | {scores.selector} | {100 * scores.pass_1.expected:.2f} "
                f"| {100 * scores.pass_1.returned:.2f} | {_percent(scores.pass_2)} "
                f"| {_percent(scores.pass_10)} | {round(100 * scores.closed, 1) + 0.0:.1f} % |"
            )


def several(
    rows: Sequence[tuple[str, list[SelectionScores]]],
) -> list[tuple[str, list[SelectionScores]]]:
    """Return the sets with more than one sample per problem."""
    return [(label, found) for label, found in rows if found[0].samples > found[0].problems]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"


@command(NAME)
def main(argv: list[str]) -> int:
    """Print the table; with --readme, also write its main rows to their page."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--only", default="", help="only sets whose folder name contains this text")
    parser.add_argument("--selectors", default=",".join(SELECTORS), help="selectors, as A,B")
    parser.add_argument("--long", action="store_true", help="also a row per set and selector")
    parser.add_argument("--readme", action="store_true", help="write the main rows to their page")
    arguments = parser.parse_args(argv)
    rows: list[tuple[str, list[SelectionScores]]] = []
    chosen = [recorded for recorded in SETS if arguments.only in recorded.folder]
    if not chosen:
        raise DatasetError(f"--only: no set's folder name contains {arguments.only!r}")
    names = arguments.selectors.split(",")
    if arguments.readme and (lacking := [name for name in MAIN if name not in names]):
        raise DatasetError(f"--readme needs {', '.join(lacking)}, missing from --selectors")
    for recorded in chosen:
        config = config_of(arguments.data, recorded, arguments.sandbox)
        alone = [other.folder for other in SETS].count(recorded.folder) == 1
        label = recorded.folder if alone else recorded.label
        rows.append((label, asyncio.run(measure(config, names))))
        print(f"{label}: done", file=sys.stderr)
    print("\n".join(wide(rows)))
    if arguments.long:
        print("\n".join(["", *long(rows)]))
    if arguments.readme:
        main_rows = [
            (label, [scores for scores in found if scores.selector in MAIN])
            for label, found in several(rows)
        ]
        block = "\n".join(
            [*wide(main_rows), "", "*(`python -m experiments.recorded.selection DATA`)*"]
        )
        write_block(block, MARKERS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

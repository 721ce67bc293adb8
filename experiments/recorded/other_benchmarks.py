"""Figures of recorded samples on HumanEval+, and of selectors on recorded samples of MBPP.

DATA is a folder of recorded sets. The benchmarks' files are found by name: $CODELOOP_DATA must name
a folder that has them. --readme writes the tables into docs/datasets.md.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent.config import SandboxSection
from agent.evaluation.scoring import score_samples
from agent.evaluation.selection_figures import SelectionScores, summarise
from agent.evaluation.selectors import run_selection
from agent.evaluation.settings import ScoreConfig, SelectConfig
from agent.support.command import command
from agent.support.options import CommandParser
from experiments.studies.markers import write_block

NAME = "experiments.recorded.other_benchmarks"
PLUS_SETS = {
    "qwen25coder-0.5b-humaneval-evalplus": "Qwen2.5-Coder-0.5B-Instruct, greedy",
    "qwen3-0.6b-humaneval-evanzhangxin": "Qwen3-0.6B",
    "jamesmurdza-gpt35-0613-humaneval": "GPT-3.5",
}
MBPP_SET = "qwen3-0.6b-mbpp-gaozhan13"
SELECTORS = ("random", "docstring", "tiered", "oracle")
PLUS = ("<!-- plus: begin -->", "<!-- plus: end -->")
MBPP = ("<!-- mbpp: begin -->", "<!-- mbpp: end -->")


def _percent(rates: Mapping[int, float], k: int) -> str:
    return f"{100 * rates[k]:.2f}" if k in rates else ""


def plus_rows(data: Path, sandbox: SandboxSection) -> Iterator[str]:
    """Yield the table of HumanEval+; each set is scored when its row is asked for."""
    yield "| Model | Samples | base pass@1 | plus pass@1 | base pass@10 | plus pass@10 | Unjudged |"
    yield "|---|---|---|---|---|---|---|"
    for folder, label in PLUS_SETS.items():
        config = ScoreConfig(
            samples=data / folder / "samples.jsonl.gz", dataset="humaneval_plus", sandbox=sandbox
        )
        scores, _ = asyncio.run(score_samples(config, lambda done, total: None))
        base, plus = scores.views["base"], scores.pass_at_k
        cells = [_percent(rates, k) for k in (1, 10) for rates in (base, plus)]
        unjudged = sum(problem.samples for problem in scores.unjudged)
        yield f"| {label} | {scores.samples:,} | {' | '.join(cells)} | {unjudged} |"


def mbpp_rows(data: Path, sandbox: SandboxSection) -> Iterator[str]:
    """Yield the table of selectors on MBPP."""
    yield "| Selector | pass@1, all tests | by tests not in the prompt |"
    yield "|---|---|---|"
    for name in SELECTORS:
        scores = _selected(data, name, sandbox)
        unseen = scores.views["unseen"].expected
        yield f"| `{name}` | {100 * scores.pass_1.expected:.2f} | {100 * unseen:.2f} |"


def _selected(data: Path, selector: str, sandbox: SandboxSection) -> SelectionScores:
    config = SelectConfig.model_validate(
        {
            "samples": data / MBPP_SET / "samples.jsonl.gz",
            "dataset": "mbpp",
            "selector": selector,
            "score": True,
            "sandbox": sandbox.model_dump(
                include={"backend", "slots", "base_image"}, exclude_none=True
            ),
        }
    )
    return summarise(asyncio.run(run_selection(config, lambda done, total: None)))


@command(NAME)
def main(argv: list[str]) -> int:
    """Print both tables."""
    parser = CommandParser(NAME, __doc__)
    parser.add_argument("data", type=Path, help="folder of recorded sets")
    parser.add_argument("--sandbox", default="auto", choices=("auto", "docker", "local"))
    parser.add_argument("--readme", action="store_true", help="write the tables into docs/")
    chosen = parser.parse_args(argv)
    sandbox = SandboxSection(backend=chosen.sandbox)
    for rows, markers in ((plus_rows, PLUS), (mbpp_rows, MBPP)):
        table = "\n".join(rows(chosen.data, sandbox))
        print(f"{table}\n", flush=True)
        if chosen.readme:
            write_block(table, markers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

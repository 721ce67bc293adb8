"""`python -m agent.score SAMPLES`: pass@k of a file of samples, on the hidden tests."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

from agent.support.command import command, out_file, progress_line

if TYPE_CHECKING:
    from agent.evaluation.scoring import SampleScores


@command("agent.score")
def main(argv: list[str]) -> int:
    """Score the samples, print the figures, and write the verdicts if --out is given."""
    from agent.evaluation.scoring import score_samples
    from agent.evaluation.settings import ScoreConfig
    from agent.settings import parse
    from agent.support.files import dump_lines, write_atomically

    config = parse(ScoreConfig, argv, "agent.score")
    out = out_file(config.out)
    scores, verdicts = asyncio.run(score_samples(config, progress_line("samples")))
    if out is not None:
        write_atomically(out, dump_lines(verdict.model_dump() for verdict in verdicts))
    if config.as_json:
        print(json.dumps(scores.model_dump(by_alias=True)))
    else:
        _print_figures(scores)
    return 0


def _print_figures(scores: SampleScores) -> None:
    print(f"{scores.passed} of {scores.samples} samples pass, {scores.problems} problems")
    for k, value in scores.pass_at_k.items():
        print(f"pass@{k} {value:.4f}")
    print(", ".join(f"{count} {name}" for name, count in scores.outcomes.items()))
    print(f"{scores.seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
